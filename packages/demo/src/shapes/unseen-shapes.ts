import { polygon, regular } from '../geometry.ts';
import { length } from '../length.ts';
import type { Shape } from './shape.ts';

const halfDisc: Shape = (x, y) => Math.max(length(x, y - 0.35) - 0.9, y - 0.35);

/** Where two circles overlap. */
const eye: Shape = (x, y) => length(x, Math.abs(y) + 0.55) - 1.05;

/** Four circles around the middle. */
const clover: Shape = (x, y) => length(Math.abs(x) - 0.4, Math.abs(y) - 0.4) - 0.42;

const letterL = polygon([
  [-0.6, -0.9],
  [-0.1, -0.9],
  [-0.1, 0.4],
  [0.6, 0.4],
  [0.6, 0.9],
  [-0.6, 0.9],
]);

const letterT = polygon([
  [-0.75, -0.8],
  [0.75, -0.8],
  [0.75, -0.3],
  [0.25, -0.3],
  [0.25, 0.9],
  [-0.25, 0.9],
  [-0.25, -0.3],
  [-0.75, -0.3],
]);

const hourglass = polygon([
  [-0.65, -0.85],
  [0.65, -0.85],
  [0.15, 0],
  [0.65, 0.85],
  [-0.65, 0.85],
  [-0.15, 0],
]);

const trapezoid = polygon([
  [-0.4, -0.6],
  [0.4, -0.6],
  [0.9, 0.6],
  [-0.9, 0.6],
]);

/** Shapes that the network never saw, for an OOD set. */
export const unseenShapes: ReadonlyMap<string, Shape> = new Map(
  Object.entries({
    hexagon: regular(6, 0.92),
    'half-disc': halfDisc,
    eye,
    clover,
    'letter-l': letterL,
    'letter-t': letterT,
    hourglass,
    trapezoid,
  }),
);
