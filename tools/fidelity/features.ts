import { readFileSync } from 'node:fs';
import path from 'node:path';
import { traceHooks } from '@oodkit/core';
import { prepare } from '@oodkit/images';
import { evaluate, openSession } from '@oodkit/runtime';
import { input } from '@oodkit/tensor';
import { featureGraph, imageAccess } from '../../packages/runner/src/extraction/image-graph.ts';
import { featuresOutput, pixelsInput } from '../../packages/runner/src/extraction/messages.ts';
import { atMost, type Check } from './check.ts';
import { referenceArray, referenceScores, type Model } from './models.ts';
import { openNetwork } from './open-network.ts';

const images = 32;
const side = 224;

/** Features and logits of the first photographs, from JPEG, against PyTorch's. */
export async function features(data: string, model: Model): Promise<Check[]> {
  const recipe = { mean: model.mean, std: model.std, resize: 256, crop: side };
  const network = await openNetwork(data, model);
  const access = imageAccess({ features: network.featuresOf, head: network.head }, recipe);
  const session = await openSession(featureGraph(access), { threads: 2 });
  const rows = await session.run({
    [pixelsInput]: { data: await firstPixels(data, model), shape: [images, side, side, 3] },
  });
  await session.release();
  const found = rows[featuresOutput]!;
  const { logits } = traceHooks({ features: input('h', ['N', found.shape[1]!]), head: network.head }, []);
  const computed = await evaluate({ logits }, { h: found });
  return [
    atMost(
      `${model.name}: features of 32 photographs, max abs difference`,
      distance(found.data, referenceArray(data, model, 'features-first32.npy')),
      5e-4,
    ),
    atMost(
      `${model.name}: logits of 32 photographs, max abs difference`,
      distance(computed.logits!.data, referenceArray(data, model, 'logits-first32.npy')),
      5e-4,
    ),
  ];
}

async function firstPixels(data: string, model: Model): Promise<Uint8Array> {
  const names = referenceScores(data, model)
    .slice(0, images)
    .map(({ image }) => image!);
  const all = new Uint8Array(images * side * side * 3);
  for (const [index, name] of names.entries()) {
    const bytes = readFileSync(path.join(data, 'images', 'imagenet-val', name));
    all.set(await prepare(bytes, { resize: 256, crop: side }), index * side * side * 3);
  }
  return all;
}

/** The largest absolute difference; infinite when there are not as many. */
function distance(ours: ArrayLike<number | bigint>, theirs: Float32Array): number {
  if (ours.length !== theirs.length) return Infinity;
  return theirs.reduce((most, value, i) => Math.max(most, Math.abs(value - Number(ours[i]))), 0);
}
