import { mix, type Colour } from './colour.ts';
import { distanceField, randomPose, type DistanceField } from './distance-field.ts';
import { centreOf, side, type Frame } from './frame.ts';
import { illuminate, randomLight, type Light } from './light.ts';
import type { Random } from './random.ts';
import type { Shape } from './shapes/shape.ts';
import { clouds, gradient, stripes, type Pattern } from './surface.ts';

/** Paints a shape as a lit body with a rounded edge and a shadow, somewhere on the frame. */
export function paintObject(frame: Frame, shape: Shape, colour: Colour, random: Random): void {
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

function forEachPixel(visit: (column: number, row: number, offset: number) => void): void {
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) visit(column, row, (row * side + column) * 3);
  }
}
