import { photograph } from '../frame.ts';
import { cosine, sine, type Shape } from '../geometry.ts';
import type { Random } from '../numbers.ts';
import { scene } from '../scene.ts';
import { knownShapes } from '../shapes.ts';
import type { ImageSet } from './image-set.ts';

/** One shape on one side of a cut through the middle, another one on the other side. */
function joined(one: Shape, other: Shape, random: Random): Shape {
  const turns = random.next();
  const [normalX, normalY] = [cosine(turns), sine(turns)];
  return (x, y) => {
    const share = Math.min(Math.max(0.5 + 8 * (x * normalX + y * normalY), 0), 1);
    return one(x, y) * (1 - share) + other(x, y) * share;
  };
}

const shapes = [...knownShapes];
const pairs = shapes.flatMap((one, i) => shapes.slice(i + 1).map((other) => [one, other] as const));

/** Objects of which either half is familiar and the whole is not. */
export const hybridShapes: ImageSet = {
  labelled: false,
  kinds: new Map(
    pairs.map(([[nameOfOne, one], [nameOfOther, other]]) => [
      `${nameOfOne}-${nameOfOther}`,
      (random) => photograph(scene(joined(one, other, random), random), random),
    ]),
  ),
};
