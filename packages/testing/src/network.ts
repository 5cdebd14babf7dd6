import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ImageAccess, Readings, Taps, TraceableNetwork } from '@farout/core';
import { writeOnnx } from '@farout/onnx';
import { openSession, type Arrays, type Session } from '@farout/runtime';
import { constant, input, type NDArray, type Tensor } from '@farout/tensor';
import type { Sample } from './sample.ts';

const colours = 3;
/** Adjacent pixels that show the same unit. */
const pixels = 2;

/** The stages after which the network has its taps, named like those of resnet50, which parts most likely use. */
const stages = ['stem', 'layer1', 'layer2', 'layer3', 'layer4'];

/** A network whose images are also known. */
type ImageNetwork = TraceableNetwork & { readonly images: ImageAccess };

/**
 * A sample's network as tensors. Row d of an image, (N, 3, D, 2), the graph's input "image", shows unit d in every pixel and colour. The
 * brightness of the rows gives back the features, so scorers that read images can be tested with the same cases. If all pixels brighten by
 * ε, so do the features.
 *
 * Its maps are (N, D, 3, 2): channel d contains the pixels of unit d, doubled by each stage.
 */
export function networkTensors({ features: { shape }, head }: Sample): ImageNetwork {
  const image = input('image', ['N', colours, shape[1], pixels]);
  return {
    features: features(image),
    head: {
      weight: constant(head.weight, 'head.weight'),
      bias: constant(head.bias, 'head.bias'),
      ...(head.normalise && { normalise: true }),
    },
    images: {
      image,
      std: constant({ data: Float32Array.of(1, 1, 1), shape: [colours, 1, 1] }),
      backbone: { features, taps, from: goOn, convolutions },
    },
  };
}

const features = (image: Tensor) => pooled(mapOf(image));

const taps = (image: Tensor): Taps =>
  new Map(stages.map((name, stage) => [name, mapOf(image).mul(2 ** (stage - stages.length + 1))]));

const goOn = (tap: string, map: Tensor) => pooled(map.mul(2 ** (stages.length - 1 - stages.indexOf(tap))));

const convolutions = (image: Tensor): Taps =>
  new Map([...taps(image)].map(([name, map]) => [`${name}.conv`, map.mul(-1)]));

/** The pixels of each unit as a channel, (N, 3, D, 2) → (N, D, 3, 2). */
const mapOf = (image: Tensor) => image.transpose(0, 2, 1, 3);

/** The mean of each channel of a map, (N, D, 3, 2) → (N, D); for equal pixels it is exactly their value. */
function pooled(map: Tensor): Tensor {
  const [red, green, blue] = [0, 1, 2].map((colour) => map.slice(2, colour, colour + 1)) as [Tensor, Tensor, Tensor];
  return red.add(blue).div(2).add(green).div(2).mean([2, 3]);
}

/** The input images of that network. */
export function imagesOf({ features: { data, shape } }: Sample): NDArray {
  const [count, width] = shape;
  const size = colours * width * pixels;
  const painted = Float32Array.from({ length: count * size }, (_, i) => {
    const unit = Math.floor(i / pixels) % width;
    return data[Math.floor(i / size) * width + unit]!;
  });
  return { data: painted, shape: [count, colours, width, pixels] };
}

/** The difference between the pixels of a row: more than the shortest steps of finite differences. */
const apart = 0.01;

/** Similar images without equal pixels in a row, for finite differences: a maximum has no unique derivative if two pixels are the largest. */
export function unequalImagesOf(sample: Sample): NDArray {
  const { data, shape } = imagesOf(sample);
  const [, , width, columns] = shape as [number, number, number, number];
  const unequal = Float32Array.from(data as Float32Array, (value, i) => {
    const colour = Math.floor(i / (width * columns)) % colours;
    return value + apart * (colour * columns + (i % columns));
  });
  return { data: unequal, shape };
}

/** A network as in a run with stored features: they are the graph's input "features", (N, D), independent of any image. */
export function storedNetwork(sample: Sample): TraceableNetwork & { readonly readsImages: () => boolean } {
  const { head, images } = networkTensors(sample);
  let used = false;
  const watched = {
    ...images,
    get image() {
      used = true;
      return images.image;
    },
  };
  return {
    features: input('features', ['N', sample.features.shape[1]]),
    head,
    images: watched,
    readsImages: () => used,
  };
}

/** Readings as inputs of a graph, and their values. */
export const storedReadings = (arrays: Arrays): { readonly readings: Readings; readonly feeds: Arrays } => ({
  readings: Object.fromEntries(
    Object.entries(arrays).map(([name, { shape }]) => [name, input(`reading.${name}`, ['N', ...shape.slice(1)])]),
  ),
  feeds: Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`reading.${name}`, array])),
});

/** Computes tensors from those arrays that they need. */
export async function computed(outputs: Readonly<Record<string, Tensor>>, feeds: Arrays): Promise<Arrays> {
  return runOn(await sessionOf(writeOnnx(outputs)), feeds);
}

/** The most recently run models and their sessions: clauses run one model on many images, and opening it takes longest. */
const open: { readonly model: Uint8Array; readonly session: Session }[] = [];
const mostOpen = 4;

async function sessionOf(model: Uint8Array): Promise<Session> {
  const at = open.findIndex((each) => Buffer.compare(each.model, model) === 0);
  const found = at >= 0 ? open.splice(at, 1)[0]! : { model, session: await openSession(model, { threads: 1 }) };
  open.push(found);
  if (open.length > mostOpen) await open.shift()!.session.release();
  return found.session;
}

function runOn(session: Session, feeds: Arrays): Promise<Arrays> {
  const needed = Object.entries(feeds).filter(([name]) => name in session.inputs);
  return session.run(Object.fromEntries(needed));
}

/** What onnxruntime alone computes from a tensor's graph written to a file. */
export async function runFile(tensor: Tensor, feeds: Arrays): Promise<NDArray> {
  const folder = await mkdtemp(path.join(tmpdir(), 'farout-testing-'));
  try {
    const file = path.join(folder, 'part.onnx');
    await writeFile(file, writeOnnx({ result: tensor }));
    const session = await openSession(file, { threads: 1 });
    try {
      return (await runOn(session, feeds)).result!;
    } finally {
      await session.release();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}
