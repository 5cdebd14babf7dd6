import { cosine, length, sine, type Random } from './numbers.ts';

/** Red, green and blue, each 0..1. */
export type Colour = readonly [red: number, green: number, blue: number];

/** `a` at t = 0, `b` at t = 1, a blend in between. */
export const mix = (a: Colour, b: Colour, t: number): Colour => [
  a[0] + (b[0] - a[0]) * t,
  a[1] + (b[1] - a[1]) * t,
  a[2] + (b[2] - a[2]) * t,
];

/** Any hue, from greyish to saturated, neither black nor white. */
export const randomColour = (random: Random): Colour =>
  fromHue(random.next(), random.between(0.15, 0.9), random.between(0.25, 0.95));

/** A colour that contrasts with another: their distance in RGB is at least `contrast`, which must be below 0.7. */
export function colourUnlike(other: Colour, contrast: number, random: Random): Colour {
  const colour = randomColour(random);
  return distance(colour, other) >= contrast ? colour : colourUnlike(other, contrast, random);
}

/** Hue 0..1 around the circle, saturation and value 0..1. */
function fromHue(hue: number, saturation: number, value: number): Colour {
  const channel = (shift: number) => {
    const k = (shift + hue * 6) % 6;
    return value * (1 - saturation * Math.max(0, Math.min(k, 4 - k, 1)));
  };
  return [channel(5), channel(3), channel(1)];
}

const distance = (a: Colour, b: Colour) => length(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

/** A grey value 0..1 at a point of the infinite plane. */
export type Pattern = (x: number, y: number) => number;

/** Rotates the plane at random, so that a pattern has no preferred direction. */
function turned(pattern: Pattern, random: Random): Pattern {
  const turns = random.next();
  const [c, s] = [cosine(turns), sine(turns)];
  return (x, y) => pattern(c * x + s * y, c * y - s * x);
}

/** A gradient from one side to the other. */
export const gradient = (random: Random): Pattern => turned((x) => Math.min(Math.max(0.5 + x / 2, 0), 1), random);

/** Two to six waves across the image. */
export function stripes(random: Random): Pattern {
  const cycles = random.between(2, 6);
  const phase = random.next();
  return turned((x) => 0.5 + 0.5 * sine((x * cycles) / 2 + phase), random);
}

/** A chessboard of soft-edged squares. */
export function checks(random: Random): Pattern {
  const cycles = random.between(1, 3);
  const edge = (t: number) => Math.min(Math.max(sine(t * cycles) * 4, -1), 1);
  return turned((x, y) => 0.5 + 0.5 * edge(x) * edge(y), random);
}

/** Round dots on a square lattice. */
export function dots(random: Random): Pattern {
  const cycles = random.between(1.5, 4);
  const size = random.between(0.25, 0.4);
  const offset = (t: number) => t * cycles - Math.floor(t * cycles) - 0.5;
  return turned((x, y) => {
    const radius = length(offset(x), offset(y));
    return Math.min(Math.max((size - radius) * 8, 0), 1);
  }, random);
}

/** Circles around a point near the edge, like wood grain, distorted by clouds. */
export function grain(random: Random): Pattern {
  const cycles = random.between(4, 8);
  const bend = clouds(random);
  return turned((x, y) => {
    const radius = length(x - 1.2, y);
    return 0.5 + 0.5 * sine(radius * cycles * 0.5 + bend(x, y));
  }, random);
}

/** Smooth noise: random values on three lattices, each twice as fine and half as strong as the one before. */
export function clouds(random: Random): Pattern {
  const cells = random.between(1.5, 4);
  const octaves = [1, 2, 4].map((scale) => ({ noise: lattice(random), scale: scale * cells, weight: 4 / (7 * scale) }));
  return (x, y) => octaves.reduce((sum, { noise, scale, weight }) => sum + weight * noise(x * scale, y * scale), 0);
}

/** The number of lattice points in each direction before they repeat. */
const period = 32;

function lattice(random: Random): Pattern {
  const values = Float64Array.from({ length: period * period }, () => random.next());
  const at = (column: number, row: number) => values[(row & (period - 1)) * period + (column & (period - 1))]!;
  return (x, y) => {
    const [column, row] = [Math.floor(x), Math.floor(y)];
    const [u, v] = [smooth(x - column), smooth(y - row)];
    const upper = at(column, row) * (1 - u) + at(column + 1, row) * u;
    const lower = at(column, row + 1) * (1 - u) + at(column + 1, row + 1) * u;
    return upper * (1 - v) + lower * v;
  };
}

const smooth = (t: number) => t * t * (3 - 2 * t);
