import { FaroutError } from '@farout/core';
import type { Tensor } from '@farout/tensor';
import type { ListedDataset } from '../extraction/listing.ts';
import { extract, type ImagePass } from '../extraction/extract.ts';
import type { RowSet } from '../extraction/row-set.ts';
import { imageGraph } from '../extraction/graphs.ts';
import { hashBytes } from '../store/entries.ts';
import { notANumber } from './on-features.ts';

/**
 * The scores of a detector that looks at the images, for every dataset: one more pass over the images, stored by shard
 * and gone on from like the features.
 *
 * @throws FaroutError OOD_SCORE_INVALID when an image that has features has no score.
 */
export async function scoreImages(
  detector: string,
  score: Tensor,
  sets: ReadonlyMap<string, RowSet>,
  datasets: ReadonlyMap<string, ListedDataset>,
  pass: Omit<ImagePass, 'graph' | 'detector'>,
): Promise<Map<string, Float32Array>> {
  const bytes = imageGraph(score.unsqueeze([1]));
  const graph = { bytes, hash: hashBytes(bytes) };
  const named = new Map([...sets.keys()].map((name) => [name, datasets.get(name)!]));
  const scored = await extract(named, { ...pass, graph, detector });
  const scores = new Map<string, Float32Array>();
  for (const [name, set] of scored) scores.set(name, await aligned(set, sets.get(name)!));
  return scores;
}

/** An image that was another one when its features were made would be compared with itself. */
function refuseChanged(scored: RowSet, features: RowSet): void {
  const contents = new Map(scored.images.map(({ id }, index) => [id, scored.contents[index]]));
  const changed = features.images.find(
    ({ id }, index) => (contents.get(id) ?? features.contents[index]) !== features.contents[index],
  );
  if (!changed) return;
  throw new FaroutError('OOD_SCORE_INVALID', `the image "${changed.id}" changed while the run went on`, {
    fix: 'Run again: what changed is read again.',
  });
}

function checkedScore(score: number, id: string): number {
  if (!Number.isNaN(score)) return score;
  throw notANumber(id);
}

/** The scores of just the images that have features, in their order. */
async function aligned(scored: RowSet, features: RowSet): Promise<Float32Array> {
  refuseChanged(scored, features);
  const byImage = new Map<string, number>();
  for await (const { images, rows } of scored.rows()) {
    for (const [index, { id }] of images.entries()) {
      byImage.set(id, checkedScore(rows.data[index]!, id));
    }
  }
  return Float32Array.from(features.images, ({ id }) => {
    const score = byImage.get(id);
    if (score !== undefined) return score;
    const reason = scored.unreadable.find(({ image }) => image === id)?.reason ?? 'unknown';
    throw new FaroutError('OOD_SCORE_INVALID', `gave no score for the image "${id}": ${reason}`);
  });
}
