/**
 * An AUROC, or a mean of several with the same ID images, and each image's contribution to its error. The products of two such
 * contributions, summed over images, give a covariance: see `covariance`.
 */
export interface AurocParts {
  readonly value: number;
  /** One number per ID image, or per group of them. */
  readonly id: Float64Array;
  /** The same for each OOD set involved. */
  readonly ood: readonly Float64Array[];
}

/**
 * The group number of each image, 0, 1, …, in the order of the scores; images of a group are drawn together. By default every image is its
 * own group.
 */
export interface Groups {
  readonly id?: Int32Array;
  readonly ood?: Int32Array;
}

/**
 * DeLong's parts of an AUROC, in O(N log N). An ID image's placement is the share of OOD images below it, where a tie counts one half; an
 * OOD image's is the share of ID images above it. The part of a group is the sum of its images' distances from the AUROC, divided by N,
 * times √(n / (n − 1)) for n groups. With groups of one image the covariance is that of DeLong, DeLong, Clarke-Pearson, Biometrics 44
 * (1988); with larger groups, that of Obuchowski, Biometrics 53 (1997), for groups within one set.
 *
 * Scores must not contain NaN. A set with a single group gives no estimate of the error: its part is NaN, and so is every covariance.
 */
export function aurocParts(idScores: Float32Array, oodScores: Float32Array, groups: Groups = {}): AurocParts {
  const id = halvesBelow(idScores, oodScores.toSorted());
  const ood = halvesBelow(oodScores, idScores.toSorted());
  const [m, n] = [id.length, ood.length];
  // Integers, so their sum is exact.
  const value = id.reduce((sum, halves) => sum + halves, 0) / (2 * m * n);
  const ofId = id.map((halves) => halves / (2 * n) - value);
  const ofOod = ood.map((halves) => 1 - halves / (2 * m) - value);
  return { value, id: grouped(ofId, groups.id), ood: [grouped(ofOod, groups.ood)] };
}

/** How many of the others are below each score, in halves: two for each one below, one for a tie. */
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

/** The same including ties, which follow directly; usually there are none. */
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

/** The mean AUROC of one detector over several OOD sets; the ID images, which the sets share, enter once. */
export function meanOfParts(all: readonly AurocParts[]): AurocParts {
  const id = new Float64Array(all[0]!.id.length);
  for (const each of all) for (const [image, part] of each.id.entries()) id[image]! += part / all.length;
  const ood = all.flatMap((each) => each.ood.map((parts) => parts.map((part) => part / all.length)));
  return { value: all.reduce((sum, { value }) => sum + value, 0) / all.length, id, ood };
}

/** The covariance of two AUROCs on the same images. */
export const covariance = (a: AurocParts, b: AurocParts): number =>
  sumOfSets(a, b, (own, others) => {
    let sum = 0;
    for (let image = 0; image < own.length; image++) sum += own[image]! * others[image]!;
    return sum;
  });

/** The variance of the difference of two AUROCs on the same images; exactly 0 if both rank the images alike. */
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
