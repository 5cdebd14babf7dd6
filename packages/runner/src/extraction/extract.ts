import { OodkitError, type Dataset } from '@oodkit/core';
import { recipeVersion } from '@oodkit/images';
import { onnxruntimeVersion } from '@oodkit/runtime';
import type { Services } from '../container.ts';
import type { Experiment } from '../experiment.ts';
import { extractDataset } from './extract-dataset.ts';
import { FeatureSet, shardSize } from './feature-set.ts';
import { FileIndex } from './file-index.ts';
import { ShardStore } from './shard-store.ts';
import { WorkerPool } from './worker-pool.ts';
import type { OpenedBackbone } from '../prepare/open-backbone.ts';
import { hashData } from '../store/hash.ts';
import { graphFile, storeFolder } from '../store/local-folder.ts';

/** A hash of all that decides the features of an image besides the image itself. */
export const extractionKey = ({ device, backbone: { params } }: Experiment, { hash }: OpenedBackbone): string =>
  hashData([hash, params.resize, params.crop, recipeVersion, device, onnxruntimeVersion, shardSize]);

/** Images → features, once per dataset; the worker processes live as long as this stage. */
export async function extract(
  experiment: Experiment,
  backbone: OpenedBackbone,
  datasets: ReadonlyMap<string, Dataset>,
  { store, progress }: Services,
  signal: AbortSignal,
): Promise<Map<string, FeatureSet>> {
  let pool: Promise<WorkerPool> | undefined;
  const extraction = {
    index: new FileIndex(store),
    shards: new ShardStore(store, extractionKey(experiment, backbone)),
    pool: () => (pool ??= openPool(experiment, backbone)),
    progress,
    signal,
    onUnreadable: experiment.onUnreadable,
  };
  try {
    const sets = new Map<string, FeatureSet>();
    for (const [name, { images }] of datasets) {
      const set = new FeatureSet(store, await extractDataset(name, images, extraction));
      sets.set(name, notEmpty(name, set));
    }
    return sets;
  } finally {
    await (await pool)?.close();
  }
}

async function openPool(experiment: Experiment, { graph, hash }: OpenedBackbone): Promise<WorkerPool> {
  const model = await graphFile(storeFolder(experiment), graph, hash);
  const { resize, crop } = experiment.backbone.params;
  return new WorkerPool({ model, recipe: { resize, crop } });
}

function notEmpty(name: string, set: FeatureSet): FeatureSet {
  if (set.images.length > 0) return set;
  const [first] = set.unreadable;
  throw new OodkitError(
    'OOD_NO_IMAGES_LEFT',
    `no image of the dataset "${name}" can be read; ${first!.image}: ${first!.reason}`,
  );
}
