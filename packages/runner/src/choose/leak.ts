import { FaroutError } from '@farout/core';
import { fitSetsOf, type Experiment, type Selection } from '../experiment.ts';
import type { ListedDataset } from '../extraction/look-up.ts';
import { sharedImages, titles, type ToldApart } from '../extraction/overlaps.ts';
import { knownImages } from '../prepare/datasets.ts';

/** The sets that detectors are tested on or learn from. */
export const testedSets = (experiment: Experiment): readonly string[] => [
  ...new Set([...experiment.id, ...experiment.ood, ...fitSetsOf(experiment)]),
];

/** The sets that choose parameters and that detectors are also tested on. */
export const testSetsIn = ({ id, ood, select }: Pick<Experiment, 'id' | 'ood' | 'select'>): readonly string[] =>
  [...(select?.id ?? []), ...(select?.ood ?? [])].filter((name) => id.includes(name) || ood.includes(name));

/**
 * Images that both choose parameters and are tested on, by content: one sentence for each pair of sets. `judged` and
 * `tested` are the images of the sets in either role, as far as they are known.
 *
 * @throws FaroutError OOD_SELECTION_LEAK for the first pair, unless the experiment allows it (`allowTestSets`).
 */
export function refuseLeaks(
  { id, ood, select }: Pick<Experiment, 'id' | 'ood' | 'select'>,
  judged: ReadonlyMap<string, ToldApart>,
  tested: ReadonlyMap<string, ToldApart>,
): readonly string[] {
  if (!select) return [];
  const found = [...select.id, ...select.ood].flatMap((one) =>
    [...new Set([...id, ...ood])]
      .filter((other) => other !== one)
      .flatMap((other) => leakSentence(one, [other, titles[id.includes(other) ? 'id' : 'ood']], judged, tested)),
  );
  if (found.length > 0 && !select.allowTestSets) throw leak(found[0]!, select);
  return found;
}

/**
 * The same before any image is read: by paths, inodes and hashes from earlier runs. Does nothing without `select`.
 *
 * @throws FaroutError OOD_SELECTION_LEAK
 */
export async function refuseKnownLeaks(
  experiment: Experiment,
  datasets: ReadonlyMap<string, ListedDataset>,
): Promise<void> {
  if (!experiment.select) return;
  const { sets } = await knownImages(experiment, datasets);
  refuseLeaks(experiment, sets, sets);
}

function leakSentence(
  one: string,
  [other, title]: readonly [name: string, title: string],
  judged: ReadonlyMap<string, ToldApart>,
  tested: ReadonlyMap<string, ToldApart>,
): string[] {
  const [images, others] = [judged.get(one), tested.get(other)];
  if (!images || !others) return [];
  const shared = sharedImages(images, new Set(others.marks.flat()));
  if (shared.length === 0) return [];
  const are = shared.length === 1 ? 'image used to choose parameters is' : 'images used to choose parameters are';
  return [`${shared.length} ${are} also tested on: "${shared[0]!}" of "${one}" is also in the ${title} set "${other}"`];
}

const leak = (message: string, { place }: Selection) =>
  new FaroutError('OOD_SELECTION_LEAK', message, {
    place,
    fix: 'Name a set of other images in "select", or split one set in two: split: { every: 2, offset: 0 }. To run it anyway: select: { …, allowTestSets: true }.',
  });
