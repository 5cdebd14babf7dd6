import { addNoise, blur, columnOf, rowOf, side, type Frame } from '../frame.ts';
import type { Random } from '../numbers.ts';
import { scene } from '../scene.ts';
import { knownShapes } from '../shapes.ts';
import type { ImageSet } from './image-set.ts';

const defocused = (frame: Frame, random: Random) => blur(frame, Math.floor(random.between(15, 40)));

const noisy = (frame: Frame, random: Random) => addNoise(frame, random.between(0.15, 0.35), random);

/** Contrast taken away evenly. */
function foggy(frame: Frame, random: Random): Frame {
  const fog = random.between(0.6, 0.9);
  const grey = random.between(0.5, 0.95);
  return frame.map((value) => value + (grey - value) * fog);
}

/** Squares of several pixels, each the colour of its first pixel. */
function coarse(frame: Frame, random: Random): Frame {
  const block = Math.floor(random.between(4, 9));
  const first = (index: number) => index - (index % block);
  return frame.map((_, i) => frame[(first(rowOf(i)) * side + first(columnOf(i))) * 3 + (i % 3)]!);
}

const shapes = [...knownShapes.values()];

/** Known shapes under a covariate shift: a far worse camera than any that the network was trained with. */
export const shiftedShapes: ImageSet = {
  labelled: false,
  kinds: new Map(
    Object.entries({ defocused, noisy, foggy, coarse }).map(([name, spoil]) => [
      name,
      (random) => spoil(scene(random.pick(shapes), random), random),
    ]),
  ),
};
