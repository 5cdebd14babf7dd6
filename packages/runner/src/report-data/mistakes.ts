import type { Mistake, Mistakes } from '@farout/core';
import type { RowSet } from '../extraction/row-set.ts';
import type { DatasetScores } from '../score/on-features.ts';
import { mostExtreme, type ScoredImage } from './most-extreme.ts';
import type { Thumbnails } from './thumbnails.ts';

/** How many images of each kind are shown. */
const shown = 8;

/** What is known of the images compared: their scores, and themselves by the name of the dataset. */
export interface ComparedImages {
  readonly id: readonly [string, DatasetScores];
  readonly ood: ReadonlyMap<string, DatasetScores>;
  readonly sets: ReadonlyMap<string, RowSet>;
}

/** The images that a detector got most wrong: OOD with the highest scores, ID with the lowest. */
export async function mistakes(
  detector: string,
  { id, ood, sets }: ComparedImages,
  thumbnails: Thumbnails,
): Promise<Mistakes> {
  const picture = async ({ dataset, index, score }: ScoredImage): Promise<Mistake> => {
    const { images, contents } = sets.get(dataset)!;
    return { dataset, image: images[index]!.id, score, ...(await thumbnails.of(images[index]!, contents[index]!)) };
  };
  return {
    detector,
    highestOod: await Promise.all(mostExtreme(ood, detector, 'highest', shown).map(picture)),
    lowestId: await Promise.all(mostExtreme([id], detector, 'lowest', shown).map(picture)),
  };
}
