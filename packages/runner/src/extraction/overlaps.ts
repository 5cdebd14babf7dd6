import { FaroutError, type Duplicates, type Overlap, type OverlappingSet } from '@farout/core';
import { knownStepsOf, setsOf, type Detector, type Experiment } from '../experiment.ts';

/** Images of a dataset, and what each may be told by: its content, its path. Two that share anything are the same. */
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
 * Images that should not be in two sets: those of the fit set among the ID or OOD ones, where a part learns, those that are
 * in and out of distribution at once, and those of one ID set in another; and those that a set holds twice.
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

/** The images of a set that are among others, by what they are called. */
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

/** What sentences call the roles of sets. */
export const titles = { id: 'ID', fit: 'fit', ood: 'OOD' } as const;
const titled = ({ dataset, role }: OverlappingSet) => `${titles[role]} set "${dataset}"`;

/**
 * @throws FaroutError OOD_OVERLAP at the first part that memorises single images, when it would be tested on images that it
 *   learns from and the experiment does not insist.
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
