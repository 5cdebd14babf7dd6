import { FaroutError, type Duplicates, type Overlap, type OverlappingSet } from '@farout/core';
import { knownStepsOf, setsOf, type Detector, type Experiment } from '../experiment.ts';

/** The images of a dataset, and marks that identify each: its content, its path. Images that share a mark are the same. */
export interface ToldApart {
  readonly ids: readonly string[];
  readonly marks: readonly (readonly string[])[];
}

/** What sets have in common. */
export interface CommonImages {
  readonly overlaps: readonly Overlap[];
  readonly duplicates: readonly Duplicates[];
}

/**
 * Images that should not be in two sets: fit images that are also ID or OOD images (if a part learns from them),
 * images both in and out of distribution, and images in two ID sets. Also images that occur twice in one set.
 */
export function commonImages(
  { id, fit, ood, detectors }: Pick<Experiment, 'id' | 'fit' | 'ood' | 'detectors'>,
  sets: ReadonlyMap<string, ToldApart>,
): CommonImages {
  const inside = id.map((dataset): OverlappingSet => ({ dataset, role: 'id' }));
  const tested = [...inside, ...ood.map((dataset): OverlappingSet => ({ dataset, role: 'ood' }))];
  const marks = new Map([...sets].map(([name, set]) => [name, new Set(set.marks.flat())]));
  const between = (one: OverlappingSet, other: OverlappingSet): Overlap[] => {
    const found = sharedImages(sets.get(one.dataset)!, marks.get(other.dataset)!);
    return found.length > 0 ? [{ sets: [one, other], images: found.length, example: found[0]! }] : [];
  };
  const learnt = new Set(detectors.flatMap(partsOf).flatMap((part) => setsOf(part, fit)));
  const ofFit = [...learnt].flatMap((dataset) => tested.flatMap((set) => between({ dataset, role: 'fit' }, set)));
  const siblings = inside.flatMap((one, at) => tested.slice(at + 1).flatMap((other) => between(one, other)));
  return { overlaps: [...ofFit, ...siblings], duplicates: [...sets].flatMap(([name, set]) => duplicatesIn(name, set)) };
}

/** The ids of a set's images that are among others. */
export const sharedImages = ({ ids, marks }: ToldApart, others: ReadonlySet<string>) =>
  ids.filter((_, index) => marks[index]!.some((mark) => others.has(mark)));

function duplicatesIn(dataset: string, { ids, marks }: ToldApart): Duplicates[] {
  const seen = new Set<string>();
  const again = ids.filter((_, index) => {
    const isKnown = marks[index]!.some((mark) => seen.has(mark));
    for (const mark of marks[index]!) seen.add(mark);
    return isKnown;
  });
  return again.length > 0 ? [{ dataset, images: again.length, example: again[0]! }] : [];
}

/** An overlap as a sentence. */
export function overlapSentence({ sets: [one, other], images, example }: Overlap): string {
  const isOne = one.dataset === other.dataset;
  const what = isOne
    ? `"${one.dataset}" is both the fit and the ${titles[other.role]} set`
    : `${images} ${images === 1 ? 'image' : 'images'} of the ${titled(one)} ${images === 1 ? 'is' : 'are'} also in the ${titled(other)}, the first "${example}"`;
  const why =
    one.role === 'fit'
      ? 'detectors that learn are tested on images they learnt from'
      : other.role === 'id'
        ? 'they count twice'
        : 'they count as both in and out of distribution';
  return `${what}: ${why}.`;
}

/** Names of the roles in sentences. */
export const titles = { id: 'ID', fit: 'fit', ood: 'OOD' } as const;
const titled = ({ dataset, role }: OverlappingSet) => `${titles[role]} set "${dataset}"`;

/**
 * @throws FaroutError OOD_OVERLAP at the first part that memorises images, if it would be tested on images it learns from and the
 *   experiment does not allow it (`allowOverlap`).
 */
export function refuseMemorising(
  { detectors, fit, allowOverlap }: Pick<Experiment, 'detectors' | 'fit' | 'allowOverlap'>,
  { overlaps }: CommonImages,
): void {
  const overlapOf = (part: AnyPart) =>
    overlaps.find(({ sets: [{ dataset, role }] }) => role === 'fit' && setsOf(part, fit).includes(dataset));
  const part = allowOverlap ? undefined : detectors.flatMap(partsOf).find((each) => memorises(each) && overlapOf(each));
  if (!part) return;
  const { definition, place } = part;
  const overlap = overlapOf(part);
  throw new FaroutError('OOD_OVERLAP', `"${definition.name}" memorises images. ${overlapSentence(overlap!)}`, {
    place,
    fix: 'Name a fit set of other images, or split a set in two: split: { every: 2, offset: 0 }. To run it anyway: allowOverlap: true.',
  });
}

type AnyPart = Detector['hooks'][number] | Detector['scorer'];

const partsOf = ({ hooks, scorer }: Detector): AnyPart[] => [...hooks, scorer];

const memorises = (part: AnyPart) => knownStepsOf(part).some((step) => step.memorises === true);
