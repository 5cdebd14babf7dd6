import { addNoise, blur, columnOf, paint, photograph, quantise, rowOf, side, type Frame } from './frame.ts';
import { cosine, Random, sine } from './numbers.ts';
import { scene } from './scene.ts';
import { knownShapes, unseenShapes, type Shape } from './shapes.ts';
import { checks, clouds, colourUnlike, dots, grain, mix, randomColour, stripes, type Colour } from './surface.ts';

/** A family of images; image i shows kind i mod (number of kinds), so kinds are balanced and known in advance. */
export interface ImageSet {
  /** Whether a kind's position is a class of the network. */
  readonly labelled: boolean;
  /** For each kind, paints one image, whose variation is drawn from the random numbers. */
  readonly kinds: ReadonlyMap<string, (random: Random) => Frame>;
}

/** Photographs of scenes with one of these shapes. */
const photographs = (shapes: ReadonlyMap<string, Shape>): ImageSet['kinds'] =>
  new Map([...shapes].map(([name, shape]) => [name, (random) => photograph(scene(shape, random), random)]));

/** In distribution: the twelve shapes that the network knows, photographed. */
const objects: ImageSet = { labelled: true, kinds: photographs(knownShapes) };

const anyColour = (random: Random): Colour => [random.next(), random.next(), random.next()];

/** Every pixel a random colour. */
const uniform = (random: Random): Frame => paint(() => anyColour(random));

/** Every pixel close to one colour. */
function bell(random: Random): Frame {
  const centre = randomColour(random);
  const spread = random.between(0.15, 0.4);
  const near = (value: number) => value + spread * random.normal();
  return paint(() => [near(centre[0]), near(centre[1]), near(centre[2])]);
}

/** Blocks of several pixels, each a random colour between two. */
function blocks(random: Random): Frame {
  const count = Math.floor(random.between(8, 24));
  const [from, to] = [anyColour(random), anyColour(random)];
  const colours = Array.from({ length: count * count }, () => mix(from, to, random.next()));
  const index = (t: number) => Math.floor(((t + 1) / 2) * count);
  return paint((x, y) => colours[index(y) * count + index(x)]!);
}

/** Far from everything known: noise of three kinds. */
const noise: ImageSet = { labelled: false, kinds: new Map(Object.entries({ uniform, bell, blocks })) };

/** Photographed surfaces in two colours, without any object. */
const textures: ImageSet = {
  labelled: false,
  kinds: new Map(
    Object.entries({ stripes, checks, dots, grain, clouds }).map(([name, pattern]) => [
      name,
      (random) => {
        const dark = randomColour(random);
        const bright = colourUnlike(dark, 0.4, random);
        const grey = pattern(random);
        return photograph(
          paint((x, y) => mix(dark, bright, grey(x, y))),
          random,
        );
      },
    ]),
  ),
};

/** One shape on one side of a cut through the middle, and another on the other side. */
function joined(one: Shape, other: Shape, random: Random): Shape {
  const turns = random.next();
  const [normalX, normalY] = [cosine(turns), sine(turns)];
  return (x, y) => {
    const share = Math.min(Math.max(0.5 + 8 * (x * normalX + y * normalY), 0), 1);
    return one(x, y) * (1 - share) + other(x, y) * share;
  };
}

const familiar = [...knownShapes];
const pairs = familiar.flatMap((one, i) => familiar.slice(i + 1).map((other) => [one, other] as const));

/** Objects whose halves are familiar but not the whole. */
const hybridShapes: ImageSet = {
  labelled: false,
  kinds: new Map(
    pairs.map(([[nameOfOne, one], [nameOfOther, other]]) => [
      `${nameOfOne}-${nameOfOther}`,
      (random) => photograph(scene(joined(one, other, random), random), random),
    ]),
  ),
};

const defocused = (frame: Frame, random: Random) => blur(frame, Math.floor(random.between(15, 40)));

const noisy = (frame: Frame, random: Random) => addNoise(frame, random.between(0.15, 0.35), random);

/** Evenly reduced contrast. */
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

/** Known shapes under a covariate shift: a far worse camera than any that the network was trained with. */
const shiftedShapes: ImageSet = {
  labelled: false,
  kinds: new Map(
    Object.entries({ defocused, noisy, foggy, coarse }).map(([name, spoil]) => [
      name,
      (random) => spoil(scene(random.pick([...knownShapes.values()]), random), random),
    ]),
  ),
};

/** Photographed exactly like the known objects, but with eight shapes that the network never saw. */
const unseenObjects: ImageSet = { labelled: false, kinds: photographs(unseenShapes) };

/** Every family of images by its name in an experiment: the known objects, then the OOD sets, the hardest last. */
export const imageSets = {
  objects,
  noise,
  textures,
  'hybrid-shapes': hybridShapes,
  'shifted-shapes': shiftedShapes,
  'unseen-shapes': unseenObjects,
} as const satisfies Record<string, ImageSet>;

export type ImageSetName = keyof typeof imageSets;

/** Must change whenever any pixel of any image does; a test compares the pixels' hashes. */
export const rendererVersion = 1;

/** What image `index` of a set shows, known without painting it. */
export interface ImageCaption {
  readonly kind: string;
  /** The network's class, if the set is labelled. */
  readonly label?: number;
}

/** What image `index` of a set shows. */
export function captionOf(set: ImageSetName, index: number): ImageCaption {
  const { kinds, labelled } = imageSets[set];
  const position = index % kinds.size;
  const kind = [...kinds.keys()][position]!;
  return labelled ? { kind, label: position } : { kind };
}

/**
 * Paints image `index` of a set: uint8 RGB, (64, 64, 3). The same set, seed and index give the same bytes on every
 * machine; another seed gives other images of the same kinds.
 */
export function renderImage(set: ImageSetName, seed: number, index: number): Uint8Array {
  const { kind } = captionOf(set, index);
  const painter = imageSets[set].kinds.get(kind)!;
  return quantise(painter(new Random(`${set} ${seed} ${index}`)));
}
