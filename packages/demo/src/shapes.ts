import { cosine, length, sine } from './numbers.ts';

/**
 * An outline as a function: the distance of a point from it, negative inside. It is exact, or nearly so, close to the outline, where it
 * matters. x to the right, y down; the shape fills about the unit circle.
 */
export type Shape = (x: number, y: number) => number;

const disc: Shape = (x, y) => length(x, y) - 0.85;

const ring: Shape = (x, y) => Math.abs(length(x, y) - 0.65) - 0.2;

const crescent: Shape = (x, y) => Math.max(length(x, y) - 0.9, 0.72 - length(x - 0.45, y));

const capsule: Shape = (x, y) => length(x, Math.max(Math.abs(y) - 0.6, 0)) - 0.35;

/** A circle at the bottom and two tangents to it that meet at the top. */
const drop: Shape = (x, y) => {
  const [radius, tip, centre] = [0.55, -0.95, 0.4];
  const [across, down] = [Math.abs(x), y - tip];
  const sin = radius / (centre - tip);
  const cos = Math.sqrt(1 - sin * sin);
  const beforeTouching = across * sin + down * cos < (centre - tip) * cos * cos;
  return beforeTouching ? across * cos - down * sin : length(x, y - centre) - radius;
};

/** Two half circles at the top, the corner of a square at the bottom. */
const heart: Shape = (x, y) => {
  const [across, up] = [Math.abs(x) / 1.5, (0.8 - y) / 1.5];
  if (across + up > 1) return 1.5 * (length(across - 0.25, up - 0.75) - Math.sqrt(2) / 4);
  const fromTop = length(across, up - 1);
  const along = Math.max(across + up, 0) / 2;
  return 1.5 * Math.min(fromTop, length(across - along, up - along)) * Math.sign(across - up);
};

const cross = polygon([
  [-0.3, -0.9],
  [0.3, -0.9],
  [0.3, -0.3],
  [0.9, -0.3],
  [0.9, 0.3],
  [0.3, 0.3],
  [0.3, 0.9],
  [-0.3, 0.9],
  [-0.3, 0.3],
  [-0.9, 0.3],
  [-0.9, -0.3],
  [-0.3, -0.3],
]);

const arrow = polygon([
  [0, -0.95],
  [0.75, -0.1],
  [0.28, -0.1],
  [0.28, 0.95],
  [-0.28, 0.95],
  [-0.28, -0.1],
  [-0.75, -0.1],
]);

const bolt = polygon([
  [0.25, -0.95],
  [-0.6, 0.15],
  [-0.05, 0.15],
  [-0.25, 0.95],
  [0.6, -0.2],
  [0.05, -0.2],
]);

/** The classes of the demonstration in the order of the network's outputs. */
export const knownShapes: ReadonlyMap<string, Shape> = new Map(
  Object.entries({
    disc,
    ring,
    crescent,
    capsule,
    drop,
    heart,
    triangle: regular(3, 0.95),
    square: regular(4, 0.95),
    star: regular(5, 0.95, 0.42),
    cross,
    arrow,
    bolt,
  }),
);

const halfDisc: Shape = (x, y) => Math.max(length(x, y - 0.35) - 0.9, y - 0.35);

/** The intersection of two circles. */
const eye: Shape = (x, y) => length(x, Math.abs(y) + 0.55) - 1.05;

/** Four circles around the centre. */
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

type Corner = readonly [x: number, y: number];

/** The inside of a polygon with these corners, which may be concave. */
export function polygon(corners: readonly Corner[]): Shape {
  const edges = corners.map((end, i) => edge(corners.at(i - 1)!, end));
  return (x, y) => {
    let nearest = Infinity;
    let inside = false;
    for (const { squaredDistance, crossesRayFrom } of edges) {
      nearest = Math.min(nearest, squaredDistance(x, y));
      if (crossesRayFrom(x, y)) inside = !inside;
    }
    return inside ? -Math.sqrt(nearest) : Math.sqrt(nearest);
  };
}

/** Corners evenly spaced on a circle, the first at the top; two alternating radii make a star. */
export function regular(count: number, ...radii: readonly number[]): Shape {
  const corners = Array.from({ length: count * radii.length }, (_, i): Corner => {
    const turns = i / (count * radii.length);
    const radius = radii[i % radii.length]!;
    return [radius * sine(turns), -radius * cosine(turns)];
  });
  return polygon(corners);
}

function edge([x0, y0]: Corner, [x1, y1]: Corner) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const squaredLength = dx * dx + dy * dy;
  return {
    squaredDistance: (x: number, y: number) => {
      const along = Math.min(Math.max(((x - x0) * dx + (y - y0) * dy) / squaredLength, 0), 1);
      const [offX, offY] = [x - x0 - along * dx, y - y0 - along * dy];
      return offX * offX + offY * offY;
    },
    /** Whether the ray from this point to the right crosses the edge. */
    crossesRayFrom: (x: number, y: number) => y0 > y !== y1 > y && x < x0 + ((y - y0) / dy) * dx,
  };
}
