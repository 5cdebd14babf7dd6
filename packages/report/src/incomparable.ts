import type { RunResults } from '@farout/core';
import { counted } from './counted.ts';
import type { NamedRun } from './named-run.ts';

/** What keeps the numbers of runs from being compared, a sentence each: sets that are not the same images, and other conditions. */
export const incomparable = (runs: readonly NamedRun[]): string[] => [
  ...otherIdSets(runs),
  ...setsOfOtherImages(runs),
  ...leftOutByMachines(runs),
  ...(sameSets(runs) ? [] : ['The runs have different OOD sets: averages are left out.']),
];

/** Whether all runs compare with the same OOD sets, so that their averages are of the same sets. */
export const sameSets = (runs: readonly NamedRun[]): boolean =>
  new Set(
    runs.map(({ results }) =>
      JSON.stringify(
        setsOf(results, 'ood')
          .map(([name]) => name)
          .sort(),
      ),
    ),
  ).size === 1;

/** The ID set may be called otherwise; what counts is its images. */
function otherIdSets(runs: readonly NamedRun[]): string[] {
  const prints = runs.map(({ results }) =>
    JSON.stringify(setsOf(results, 'id').map(([, { fingerprint }]) => fingerprint)),
  );
  return new Set(prints).size === 1 ? [] : ['The ID sets are not the same images: every number depends on them.'];
}

function setsOfOtherImages(runs: readonly NamedRun[]): string[] {
  const prints = new Map<string, Set<string>>();
  for (const { results } of runs) {
    for (const [name, { fingerprint }] of setsOf(results, 'ood')) {
      prints.set(name, (prints.get(name) ?? new Set()).add(fingerprint));
    }
  }
  const differing = [...prints].filter(([, { size }]) => size > 1);
  return differing.map(([name]) => `"${name}" is not the same images in all runs.`);
}

/** Images that one run could not read for no fault of theirs, and another perhaps could. */
const leftOutByMachines = (runs: readonly NamedRun[]): string[] =>
  runs.flatMap(({ name, results }) =>
    Object.entries(results.datasets).flatMap(([dataset, { unreadable }]) => {
      const count = unreadable.filter(({ cause }) => cause === 'machine').length;
      if (count === 0) return [];
      return [
        `${name} lacks ${counted(count, 'image')} of "${dataset}" that its machine could not read: run it again.`,
      ];
    }),
  );

const setsOf = ({ datasets }: RunResults, role: 'id' | 'ood') =>
  Object.entries(datasets).filter(([, { roles }]) => roles.includes(role));
