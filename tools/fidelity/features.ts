import { traceHooks } from '@farout/core';
import { evaluate, openSession } from '@farout/runtime';
import { input } from '@farout/tensor';
import { pixelsInput, rowsOutput } from '../../packages/runner/src/extraction/batch.ts';
import { featureGraph, imageAccess } from '../../packages/runner/src/extraction/graphs.ts';
import { atMost, type Check } from './check.ts';
import { firstPhotographs } from './first-photographs.ts';
import { referenceArray, type Model } from './models.ts';
import { openNetwork } from './open-network.ts';

/** Features and logits of the first photographs, from JPEG, against PyTorch's. */
export async function features(data: string, model: Model): Promise<Check[]> {
  const recipe = { mean: model.mean, std: model.std, resize: 256, crop: 224 };
  const network = await openNetwork(data, model);
  const access = imageAccess(network, recipe);
  const session = await openSession(Buffer.concat(featureGraph(access)), { threads: 2 });
  const rows = await session.run({ [pixelsInput]: await firstPhotographs(data, model) });
  await session.release();
  const found = rows[rowsOutput]!;
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

/** The largest absolute difference; infinite if the lengths differ. */
function distance(ours: ArrayLike<number | bigint>, theirs: Float32Array): number {
  if (ours.length !== theirs.length) return Infinity;
  return theirs.reduce((most, value, i) => Math.max(most, Math.abs(value - Number(ours[i]))), 0);
}
