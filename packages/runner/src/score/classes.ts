import type { ClassesRejected, Interval, RejectedClass, RunResults } from '@farout/core';
import { benjaminiHochberg, binomialUpperTail, clopperPearson } from '@farout/statistics';
import type { DatasetScores } from './on-features.ts';

/** Expected share of false discoveries among the named classes. */
const falseDiscoveries = 0.05;

/**
 * The ID classes that each detector rejects more often than by chance. A class with k of n images rejected is tested
 * by P(X ≥ k), X ~ binomial(n, share of all labelled ID images that is rejected). Classes are named by Benjamini and
 * Hochberg's procedure over all classes.
 *
 * Undefined if fewer than two classes have labelled images, or if two labelled images share a source: these are
 * rejected together, which a binomial distribution does not model.
 */
export function classesRejected(
  { images, scores }: DatasetScores,
  thresholds: Readonly<Record<string, number>>,
): RunResults['classesRejected'] {
  const labelled = images.filter(({ label }) => label !== undefined);
  const sources = labelled.flatMap(({ group }) => (group === undefined ? [] : [group]));
  if (new Set(labelled.map(({ label }) => label)).size < 2 || new Set(sources).size < sources.length) return undefined;
  const labels = images.map(({ label }) => label);
  const found = Object.entries(thresholds).map(([detector, threshold]) => {
    const rejected = scores.get(detector)!.map((score) => Number(score <= threshold));
    return [detector, testClasses(labels, rejected)] as const;
  });
  return Object.fromEntries(found);
}

/** The images of a class, and how many of them are rejected. */
interface Count {
  readonly label: number;
  images: number;
  rejected: number;
}

function testClasses(labels: readonly (number | undefined)[], rejected: Float32Array): ClassesRejected {
  const counts = countClasses(labels, rejected);
  const sumOf = (member: 'images' | 'rejected') => counts.reduce((sum, count) => sum + count[member], 0);
  const share = sumOf('rejected') / sumOf('images');
  const p = counts.map(({ rejected: k, images: n }) => binomialUpperTail(k, n, share));
  const adjusted = benjaminiHochberg(p);
  const named = counts.flatMap((count, at) =>
    adjusted[at]! <= falseDiscoveries ? [describe(count, p[at]!, counts.length)] : [],
  );
  return { share, tested: counts.length, named: named.sort((a, b) => a.p - b.p || a.class - b.class) };
}

function countClasses(labels: readonly (number | undefined)[], rejected: Float32Array): Count[] {
  const counts = new Map<number, Count>();
  for (const [image, label] of labels.entries()) {
    if (label === undefined) continue;
    const count = counts.get(label) ?? { label, images: 0, rejected: 0 };
    count.images++;
    count.rejected += rejected[image]!;
    counts.set(label, count);
  }
  return [...counts.values()].sort((a, b) => a.label - b.label);
}

function describe({ label, rejected, images }: Count, p: number, tested: number): RejectedClass {
  const interval: Interval = { ...clopperPearson(rejected, images), method: 'clopper-pearson' };
  return { class: label, rejected, images, interval, p, byChance: tested * p };
}
