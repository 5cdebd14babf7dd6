import { nearbyBits, perceptualBits } from '@farout/images';
import type { Finding, SetRole } from './findings.ts';
import { nearest } from './nearest.ts';
import type { SeenImages, Surroundings } from './read-images.ts';

/** The images of a dataset, and its roles. */
export interface SeenSet {
  readonly name: string;
  readonly roles: readonly SetRole[];
  readonly seen: SeenImages;
}

/** What it means if two sets share an image. */
interface Conflict {
  readonly severity: Finding['severity'];
  /** The consequence. */
  readonly why: string;
  readonly fix: string;
  /** Whether to look for similar images too. */
  readonly near: boolean;
}

/**
 * Images shared by two sets that should share none, and images that occur twice in one set: identical bytes, and
 * between in- and out-of-distribution sets also the same picture compressed or scaled differently. Reported for the
 * OOD set, otherwise for the later set.
 */
export async function duplicateFindings(
  sets: readonly SeenSet[],
  { progress, signal }: Surroundings,
): Promise<readonly Finding[]> {
  const found: (readonly Finding[])[] = sets.flatMap((set) => [inTwoRoles(set), twiceIn(set)]);
  const filled = sets.filter(({ seen }) => seen.ids.length > 0);
  const pairs = filled.flatMap((one, at) => filled.slice(at + 1).flatMap((other) => related(one, other)));
  if (pairs.length === 0) return found.flat();
  progress.start('Comparing', pairs.length, 0, 'pairs of sets');
  try {
    for (const { one, other, conflict } of pairs) {
      const exact = sharedWith(one, other);
      found.push(exact.map(([index, first]) => exactFinding(other, index, { one, first, conflict })));
      if (conflict.near) found.push(await nearFindings(one, other, { exact, conflict, signal }));
      progress.advance(1);
    }
  } finally {
    progress.stop();
  }
  return found.flat();
}

interface Related {
  /** The set that keeps its images. */
  readonly one: SeenSet;
  /** The set that findings are reported for. */
  readonly other: SeenSet;
  readonly conflict: Conflict;
}

/** Two sets, if they should share no image. */
function related(one: SeenSet, other: SeenSet): Related[] {
  const conflict = conflictOf(one.roles, other.roles);
  if (!conflict) return [];
  return [isOod(one.roles) && !isOod(other.roles) ? { one: other, other: one, conflict } : { one, other, conflict }];
}

const isOod = (roles: readonly SetRole[]) => roles.includes('ood') || roles.includes('select-ood');
const isTested = (roles: readonly SetRole[]) => roles.includes('id') || roles.includes('ood');
const chooses = (roles: readonly SetRole[]) => roles.includes('select-id') || roles.includes('select-ood');

function conflictOf(one: readonly SetRole[], other: readonly SetRole[]): Conflict | undefined {
  if (one.length === 0 || other.length === 0)
    return { severity: 'warning', why: 'both sets have it', fix: 'Remove it from one of them.', near: true };
  if (isOod(one) !== isOod(other)) return inAndOut;
  if ((chooses(one) && isTested(other)) || (chooses(other) && isTested(one))) return chosenOn;
  if (one.includes('id') && other.includes('id')) return testedTwice;
  return one.includes('id') || other.includes('id') ? learnt : undefined;
}

const inAndOut: Conflict = {
  severity: 'error',
  why: 'it counts as both in and out of distribution',
  fix: 'Remove it from the OOD set.',
  near: true,
};
const chosenOn: Conflict = {
  severity: 'error',
  why: 'parameters are chosen on test images',
  fix: 'Remove it from the set that chooses parameters, or split one set in two with "split".',
  near: false,
};
const testedTwice: Conflict = {
  severity: 'warning',
  why: 'it counts twice',
  fix: 'Remove it from one of the sets.',
  near: false,
};
const learnt: Conflict = {
  severity: 'warning',
  why: 'detectors that learn are tested on images they learnt from',
  fix: 'Remove it from the fit set, or split one set in two with "split".',
  near: false,
};

const titles = {
  id: 'the ID set',
  fit: 'the fit set',
  ood: 'an OOD set',
  'select-id': 'an ID set of "select"',
  'select-ood': 'an OOD set of "select"',
} as const;

/** A single set in two roles whose sets should share no image. */
const inTwoRoles = ({ name, roles }: SeenSet): Finding[] =>
  roles.flatMap((one, at) =>
    roles.slice(at + 1).flatMap((other): Finding[] => {
      const conflict = conflictOf([one], [other]);
      if (!conflict) return [];
      const what = `is both ${titles[one]} and ${titles[other]}: ${conflict.why}`;
      const fix = 'Name another set for one of them, or split it in two with "split".';
      return [{ dataset: name, kind: 'duplicate', severity: conflict.severity, where: name, what, fix }];
    }),
  );

/** Images with the same bytes as an earlier one of the set. */
function twiceIn({ name, seen: { ids, contents } }: SeenSet): Finding[] {
  const first = new Map<string, number>();
  return contents.flatMap((content, index): Finding[] => {
    const earlier = content === undefined ? undefined : first.get(content);
    if (content !== undefined && earlier === undefined) first.set(content, index);
    if (earlier === undefined) return [];
    const what = `has the same bytes as "${ids[earlier]!}" of the same set: it counts twice`;
    return [{ dataset: name, kind: 'duplicate', severity: 'warning', where: ids[index]!, what, fix: 'Remove one.' }];
  });
}

/** Images of the other set with the same bytes as an image of the first: their indices in both. */
function sharedWith(one: SeenSet, other: SeenSet): (readonly [index: number, first: number])[] {
  const known = new Map<string, number>();
  for (const [index, content] of one.seen.contents.entries())
    if (content !== undefined && !known.has(content)) known.set(content, index);
  return [...other.seen.contents.entries()].flatMap(([index, content]) => {
    const first = content === undefined ? undefined : known.get(content);
    return first === undefined ? [] : [[index, first] as const];
  });
}

const exactFinding = (
  { name, seen }: SeenSet,
  index: number,
  { one, first, conflict: { severity, why, fix } }: Pick<Related, 'one' | 'conflict'> & { readonly first: number },
): Finding => ({
  dataset: name,
  kind: 'duplicate',
  severity,
  where: seen.ids[index]!,
  what: `has the same bytes as "${one.seen.ids[first]!}" of "${one.name}": ${why}`,
  fix,
});

interface NearSearch {
  /** Pairs found already. */
  readonly exact: readonly (readonly [index: number, first: number])[];
  readonly conflict: Conflict;
  readonly signal: AbortSignal;
}

/** Images of the other set that look like one of the first. They may still be different pictures. */
async function nearFindings(
  one: SeenSet,
  other: SeenSet,
  { exact, conflict: { why }, signal }: NearSearch,
): Promise<Finding[]> {
  const { at, bits } = await nearest(other.seen.hashes, one.seen.hashes, nearbyBits, signal);
  const isExact = new Set(exact.map(([index]) => index));
  return other.seen.shown.flatMap((index, row): Finding[] => {
    const found = at[row]!;
    if (found === -1 || isExact.has(index)) return [];
    const like = one.seen.ids[one.seen.shown[found]!]!;
    return [
      {
        dataset: other.name,
        kind: 'near-duplicate',
        severity: 'warning',
        where: other.seen.ids[index]!,
        what: `looks like "${like}" of "${one.name}", ${bits[row]!} of ${perceptualBits} bits differ: if it is the same picture, ${why}`,
        fix: 'Compare them. If they show the same picture, remove one.',
      },
    ];
  });
}
