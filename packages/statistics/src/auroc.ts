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
 * Scores hold no NaN. A set of one group says nothing of its error: its part is NaN, and so is each covariance.
 */
export function aurocParts(idScores: Float32Array, oodScores: Float32Array, groups: Groups = {}): AurocParts {
  const id = halvesBelow(idScores, oodScores.toSorted());
  const ood = halvesBelow(oodScores, idScores.toSorted());
  const [m, n] = [id.length, ood.length];
  // Whole numbers: their sum is exact.
  const value = id.reduce((sum, halves) => sum + halves, 0) / (2 * m * n);
  const ofId = id.map((halves) => halves / (2 * n) - value);
  const ofOod = ood.map((halves) => 1 - halves / (2 * m) - value);
  return { value, id: grouped(ofId, groups.id), ood: [grouped(ofOod, groups.ood)] };
}

/** How many of the others are below each score, in halves: two for each below, one for a tie. */
function halvesBelow(scores: Float32Array, sorted: Float32Array): Float64Array {
  const halves = new Float64Array(scores.length);
  for (let image = 0; image < scores.length; image++) {
    const below = countBelow(sorted, scores[image]!, 0);
    halves[image] = below + countUpTo(sorted, scores[image]!, below);
  }
  return halves;
}

function countBelow(sorted: Float32Array, score: number, from: number): number {
  let [low, high] = [from, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < score) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The same with the ties, which follow: most often there is none. */
function countUpTo(sorted: Float32Array, score: number, from: number): number {
  let [low, step] = [from, 1];
  for (; low + step <= sorted.length && sorted[low + step - 1]! <= score; step *= 2) low += step;
  for (; step >= 1; step >>= 1) if (low + step <= sorted.length && sorted[low + step - 1]! <= score) low += step;
  return low;
}

function grouped(distances: Float64Array, groups: Int32Array | undefined): Float64Array {
  const count = groups ? groups.reduce((most, group) => Math.max(most, group), 0) + 1 : distances.length;
  const scale = count > 1 ? Math.sqrt(count / (count - 1)) / distances.length : NaN;
  if (!groups) return distances.map((distance) => distance * scale);
  const parts = new Float64Array(count);
  for (let image = 0; image < distances.length; image++) parts[groups[image]!]! += distances[image]! * scale;
  return parts;
}

/** The mean of AUROCs of one detector on several OOD sets: what its sets share, the ID images, is in it once. */
export function meanOfParts(all: readonly AurocParts[]): AurocParts {
  const id = new Float64Array(all[0]!.id.length);
  for (const each of all) for (const [image, part] of each.id.entries()) id[image]! += part / all.length;
  const ood = all.flatMap((each) => each.ood.map((parts) => parts.map((part) => part / all.length)));
  return { value: all.reduce((sum, { value }) => sum + value, 0) / all.length, id, ood };
}

/** The covariance of two AUROCs of the same images. */
export const covariance = (a: AurocParts, b: AurocParts): number =>
  sumOfSets(a, b, (own, others) => {
    let sum = 0;
    for (let image = 0; image < own.length; image++) sum += own[image]! * others[image]!;
    return sum;
  });

/** The variance of the difference of two AUROCs of the same images; exactly 0 where both rank them alike. */
export const differenceVariance = (a: AurocParts, b: AurocParts): number =>
  sumOfSets(a, b, (own, others) => {
    let sum = 0;
    for (let image = 0; image < own.length; image++) {
      const apart = own[image]! - others[image]!;
      sum += apart * apart;
    }
    return sum;
  });

const sumOfSets = (a: AurocParts, b: AurocParts, ofSet: (own: Float64Array, others: Float64Array) => number) =>
  a.ood.reduce((sum, own, set) => sum + ofSet(own, b.ood[set]!), ofSet(a.id, b.id));
