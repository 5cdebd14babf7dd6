import { centreOf, forEachPixel, paint, side, type Frame } from './frame.ts';
import { cosine, sine, type Random } from './numbers.ts';
import type { Shape } from './shapes.ts';
import { clouds, colourUnlike, gradient, mix, randomColour, stripes, type Colour, type Pattern } from './surface.ts';

/** A lit shape in a random pose on a plain background, before the camera's imperfections. */
export function scene(shape: Shape, random: Random): Frame {
  const ground = randomColour(random);
  const tint = mix(ground, randomColour(random), random.between(0, 0.8));
  const pattern = random.pick([gradient, clouds, stripes])(random);
  const frame = paint((x, y) => mix(ground, tint, pattern(x, y)));
  paintObject(frame, shape, colourUnlike(ground, 0.4, random), random);
  return frame;
}

/** Paints a shape as a lit body with a rounded edge and a shadow, somewhere on the frame. */
function paintObject(frame: Frame, shape: Shape, colour: Colour, random: Random): void {
  const field = distanceField(shape, randomPose(random));
  const light = randomLight(random);
  castShadow(frame, field, light, random);
  paintBody(frame, field, light, material(colour, random), random.between(2, 8));
}

/** How strongly a soft-edged shape covers a pixel, 0..1; `softness` in pixels is 1 for a plain antialiased edge. */
const coverage = (distance: number, softness: number) => Math.min(Math.max(0.5 - distance / softness, 0), 1);

function castShadow(frame: Frame, field: DistanceField, { direction: [x, y] }: Light, random: Random): void {
  const reach = random.between(1, 6);
  const darkness = random.between(0.1, 0.6);
  const softness = random.between(2, 8);
  const [shiftX, shiftY] = [Math.round(x * reach), Math.round(y * reach)];
  forEachPixel((column, row, offset) => {
    const dim = 1 - darkness * coverage(field.at(column + shiftX, row + shiftY), softness);
    for (let channel = 0; channel < 3; channel++) frame[offset + channel]! *= dim;
  });
}

type Material = (x: number, y: number) => Colour;

/** The colour itself, or with a faint pattern of a darker or lighter tone. */
function material(colour: Colour, random: Random): Material {
  const pattern: Pattern = random.pick([gradient, clouds, stripes])(random);
  const tone = random.pick([0, 1]);
  const strength = random.between(0, 0.3);
  return (x, y) => mix(colour, [tone, tone, tone], strength * pattern(x, y));
}

/** `bevel` is the width of the rounded edge in pixels. */
function paintBody(frame: Frame, field: DistanceField, light: Light, colourAt: Material, bevel: number): void {
  forEachPixel((column, row, offset) => {
    const distance = field.at(column, row);
    const covered = coverage(distance, 1);
    if (covered === 0) return;
    const steepness = 1.2 * Math.min(Math.max(1 + distance / bevel, 0), 1);
    const slopeX = -steepness * (field.at(column + 1, row) - field.at(column - 1, row)) * 0.5;
    const slopeY = -steepness * (field.at(column, row + 1) - field.at(column, row - 1)) * 0.5;
    const { diffuse, highlight } = illuminate(light, slopeX, slopeY);
    const colour = colourAt(centreOf(column), centreOf(row));
    for (let channel = 0; channel < 3; channel++) {
      const lit = colour[channel]! * diffuse + highlight;
      frame[offset + channel]! += (lit - frame[offset + channel]!) * covered;
    }
  });
}

/** Where a shape lies on the image and how it is turned. */
interface Pose {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly turns: number;
  /** How much longer it is along its axis than across, as if seen at an angle. */
  readonly stretch: number;
}

/** Any rotation; inside the image, except sometimes for a tip. */
function randomPose(random: Random): Pose {
  const radius = random.between(0.45, 0.75);
  const room = 0.95 - radius;
  return {
    x: random.between(-room, room),
    y: random.between(-room, room),
    radius,
    turns: random.next(),
    stretch: random.between(0.85, 1.18),
  };
}

/** The distance to a posed shape at every pixel centre, in pixels, negative inside. */
interface DistanceField {
  /** The distance at a pixel; beyond the edge of the image, that of the nearest pixel. */
  readonly at: (column: number, row: number) => number;
}

/** Measures the distances from all pixels to a shape. */
function distanceField(shape: Shape, { x, y, radius, turns, stretch }: Pose): DistanceField {
  const [c, s] = [cosine(turns), sine(turns)];
  const distances = new Float64Array(side * side).map((_, i) => {
    const [dx, dy] = [(centreOf(i % side) - x) / radius, (centreOf(Math.floor(i / side)) - y) / radius];
    return (shape((c * dx + s * dy) * stretch, (c * dy - s * dx) / stretch) * radius * side) / 2;
  });
  const clip = (index: number) => Math.min(Math.max(index, 0), side - 1);
  return { at: (column, row) => distances[clip(row) * side + clip(column)]! };
}

/** A distant lamp, and how a surface reflects it. */
interface Light {
  /** Towards the lamp, of length 1: right, down, out of the image. */
  readonly direction: readonly [x: number, y: number, z: number];
  /** Brightness where the lamp does not reach. */
  readonly ambient: number;
  /** Brightness of a highlight, 0 for a matt surface. */
  readonly gloss: number;
}

/** From any side, at an angle between low and steep. */
function randomLight(random: Random): Light {
  const turns = random.next();
  const z = random.between(0.45, 0.85);
  const flat = Math.sqrt(1 - z * z);
  return {
    direction: [flat * cosine(turns), flat * sine(turns), z],
    ambient: random.between(0.3, 0.6),
    gloss: random.between(0, 0.35),
  };
}

/** How the lamp lights a surface with the normal (−slopeX, −slopeY, 1), not normalised. */
function illuminate({ direction: [x, y, z], ambient, gloss }: Light, slopeX: number, slopeY: number) {
  const facing = Math.max(0, (z - slopeX * x - slopeY * y) / Math.sqrt(1 + slopeX * slopeX + slopeY * slopeY));
  const polished = facing * facing * facing * facing;
  return { diffuse: ambient + (1.15 - ambient) * facing, highlight: gloss * polished * polished };
}
