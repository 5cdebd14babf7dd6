import { length } from './length.ts';
import type { Random } from './random.ts';

/** Red, green and blue, each 0..1. */
export type Colour = readonly [red: number, green: number, blue: number];

/** `a` where t is 0, `b` where it is 1, in between a blend. */
export const mix = (a: Colour, b: Colour, t: number): Colour => [
  a[0] + (b[0] - a[0]) * t,
  a[1] + (b[1] - a[1]) * t,
  a[2] + (b[2] - a[2]) * t,
];

/** Any hue, from greyish to saturated, neither black nor white. */
export const randomColour = (random: Random): Colour =>
  fromHue(random.next(), random.between(0.15, 0.9), random.between(0.25, 0.95));

/** A colour that stands out from another: their distance in RGB is at least `contrast`, which must be below 0.7. */
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
