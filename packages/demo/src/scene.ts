import { colourUnlike, mix, randomColour } from './colour.ts';
import { paint, type Frame } from './frame.ts';
import { paintObject } from './object.ts';
import type { Random } from './random.ts';
import type { Shape } from './shapes/shape.ts';
import { clouds, gradient, stripes } from './surface.ts';

/** A shape before a quiet background, lit and in any pose, as it is before a camera sees it. */
export function scene(shape: Shape, random: Random): Frame {
  const ground = randomColour(random);
  const tint = mix(ground, randomColour(random), random.between(0, 0.8));
  const pattern = random.pick([gradient, clouds, stripes])(random);
  const frame = paint((x, y) => mix(ground, tint, pattern(x, y)));
  paintObject(frame, shape, colourUnlike(ground, 0.4, random), random);
  return frame;
}
