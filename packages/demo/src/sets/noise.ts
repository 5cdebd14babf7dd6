import { paint, type Frame } from '../frame.ts';
import type { Random } from '../numbers.ts';
import { mix, randomColour, type Colour } from '../surface.ts';
import type { ImageSet } from './image-set.ts';

const anyColour = (random: Random): Colour => [random.next(), random.next(), random.next()];

/** Every pixel any colour. */
const uniform = (random: Random): Frame => paint(() => anyColour(random));

/** Every pixel near one colour. */
function bell(random: Random): Frame {
  const centre = randomColour(random);
  const spread = random.between(0.15, 0.4);
  return paint(() => centre.map((value) => value + spread * random.normal()) as unknown as Colour);
}

/** Blocks of several pixels, each any colour between two. */
function blocks(random: Random): Frame {
  const count = Math.floor(random.between(8, 24));
  const [from, to] = [anyColour(random), anyColour(random)];
  const colours = Array.from({ length: count * count }, () => mix(from, to, random.next()));
  const index = (t: number) => Math.floor(((t + 1) / 2) * count);
  return paint((x, y) => colours[index(y) * count + index(x)]!);
}

/** Far from everything known: noise of three kinds. */
export const noise: ImageSet = { labelled: false, kinds: new Map(Object.entries({ uniform, bell, blocks })) };
