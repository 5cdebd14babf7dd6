import type { Bounds } from './shares.ts';
import { reach } from './shares.ts';

/**
 * An AUROC, or a mean of several with the same ID images, and what each image adds to its error. Products of two of these, image by
 * image, add up to a covariance: see `covariance`.
 */
export interface AurocParts {
  readonly value: number;
  /** One number for each ID image, or for each group of them. */
  readonly id: Float64Array;
  /** The same of each OOD set that takes part. */
  readonly ood: readonly Float64Array[];
}

/** Images that are drawn together, by the number of their group, 0, 1, …, in the order of the scores; without them each image is alone. */
export interface Groups {
  readonly id?: Int32Array;
  readonly ood?: Int32Array;
}

/**
 * DeLong's parts of an AUROC, in O(N log N). An ID image's placement is the share of OOD images below it, a tie counting one half; an
 * OOD image's is the share of ID images above it. The part of a group is the sum of its images' distances from the AUROC, over N, times
 * √(n / (n − 1)) of n groups: with groups of one image the covariance is that of DeLong, DeLong, Clarke-Pearson, Biometrics 44 (1988),
 * with others that of Obuchowski, Biometrics 53 (1997), for groups within one set.
 *
 * Scores hold no NaN; each set has two groups or more.
 */
export function aurocParts(idScores: Float32Array, oodScores: Float32Array, groups: Groups = {}): AurocParts {
  const id = placements(idScores, oodScores.toSorted());
  const ood = placements(oodScores, idScores.toSorted()).map((share) => 1 - share);
  const value = mean(id);
  return { value, id: grouped(id, value, groups.id), ood: [grouped(ood, value, groups.ood)] };
}

/** The share of the others below each score, a tie counting one half. */
function placements(scores: Float32Array, others: Float32Array): Float64Array {
  return Float64Array.from(scores, (score) => {
    const [below, upTo] = [(value: number) => value >= score, (value: number) => value > score];
    return (firstWhere(others, below) + firstWhere(others, upTo)) / (2 * others.length);
  });
}

/** The first place of a sorted array from which on something holds. */
function firstWhere(sorted: Float32Array, holds: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(sorted[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

function grouped(values: Float64Array, about: number, groups: Int32Array | undefined): Float64Array {
  const count = groups ? groups.reduce((most, group) => Math.max(most, group), 0) + 1 : values.length;
  const parts = new Float64Array(count);
  for (const [image, value] of values.entries()) parts[groups ? groups[image]! : image]! += value - about;
  const scale = Math.sqrt(count / (count - 1)) / values.length;
  return parts.map((part) => part * scale);
}

/** The mean of AUROCs of one detector on several OOD sets: what its sets share, the ID images, is in it once. */
export function meanOfParts(all: readonly AurocParts[]): AurocParts {
  const share = 1 / all.length;
  const id = new Float64Array(all[0]!.id.length);
  for (const each of all) for (const [image, part] of each.id.entries()) id[image]! += part * share;
  const ood = all.flatMap((each) => each.ood.map((parts) => parts.map((part) => part * share)));
  return { value: all.reduce((sum, { value }) => sum + value, 0) * share, id, ood };
}

/** The covariance of two AUROCs of the same images. */
export const covariance = (a: AurocParts, b: AurocParts): number => sumOver(a, b, (one, other) => one * other);

/** The variance of the difference of two AUROCs of the same images; exactly 0 where both rank them alike. */
export const differenceVariance = (a: AurocParts, b: AurocParts): number =>
  sumOver(a, b, (one, other) => (one - other) ** 2);

function sumOver(a: AurocParts, b: AurocParts, term: (one: number, other: number) => number): number {
  let sum = 0;
  for (const [own, others] of [[a.id, b.id], ...a.ood.map((own, set) => [own, b.ood[set]!])] as const)
    for (let image = 0; image < own.length; image++) sum += term(own[image]!, others[image]!);
  return sum;
}

/** The interval of an AUROC by its standard error, on the logit scale, where it is within 0..1; the value may be neither. */
export function logitInterval(value: number, standardError: number, level = 0.95): Bounds {
  const [logit, half] = [Math.log(value / (1 - value)), (reach(level) * standardError) / (value * (1 - value))];
  const share = (x: number) => 1 / (1 + Math.exp(-x));
  return { low: share(logit - half), high: share(logit + half) };
}

/**
 * Newcombe's method 5 for an AUROC: the values θ with |a − θ| ≤ z·√V(θ), where V is Hanley and McNeil's variance with (m + n) / 2 in the
 * place of both numbers of images in its numerator. It needs no variance of the scores, and so holds at 0 and at 1.
 *
 * Newcombe, "Confidence intervals for an effect size measure based on the Mann–Whitney statistic. Part 2", Statistics in Medicine 25
 * (2006).
 */
export function newcombe(value: number, idImages: number, oodImages: number, level = 0.95): Bounds {
  const z = reach(level);
  const more = (idImages + oodImages) / 2 - 1;
  const error = (t: number) =>
    Math.sqrt((t * (1 - t) * (1 + (more * (1 - t)) / (2 - t) + (more * t) / (1 + t))) / (idImages * oodImages));
  const end = (outer: number) => {
    if (value === outer) return outer;
    let [inside, outside] = [value, outer];
    for (
      let middle = (inside + outside) / 2;
      middle !== inside && middle !== outside;
      middle = (inside + outside) / 2
    ) {
      if (Math.abs(value - middle) <= z * error(middle)) inside = middle;
      else outside = middle;
    }
    return inside;
  };
  return { low: end(0), high: end(1) };
}
