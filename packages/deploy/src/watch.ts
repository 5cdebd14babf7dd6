import { FaroutError } from '@farout/core';
import { betaBinomialUpperTail, driftTest, type Promised } from '@farout/statistics';
import type { Description } from '@farout/verdict';

/** A group of images with its own threshold, which rejects k of n + 1 of them on average. */
export interface WatchedGroup extends Promised {
  /** The predicted class of these images; absent for all images, and for classes without their own threshold. */
  readonly class?: number;
}

/** How an image was judged. */
export interface Judged {
  /** The predicted class, by number. */
  readonly class: number;
  readonly isInDistribution: boolean;
}

/** How many images of a group were rejected. */
export interface Refusals extends WatchedGroup {
  readonly images: number;
  readonly refused: number;
}

/** The result of one test on judged images. */
export interface Look {
  readonly images: number;
  readonly refused: number;
  /**
   * A one-sided p value: if the images come from the same distribution as those behind the threshold, it is at most t with a probability of at
   * most t. For several groups, the smallest p value times their number.
   */
  readonly p: number;
  /** Each group that has images, with its own p value. */
  readonly groups: readonly (Refusals & { readonly p: number })[];
}

/** Monitors a detector, image by image. */
export interface Watch {
  /** Adds the next image. */
  readonly add: (image: Judged) => void;
  /** E, see `driftTest`; for several groups, the mean. Without drift, the probability that it ever reaches 1/α is at most α. */
  readonly evidence: () => number;
  /** Whether E has reached this number; cheap if it is far from it. */
  readonly reaches: (limit: number) => boolean;
  readonly groups: () => readonly (Refusals & { readonly evidence: number })[];
}

/**
 * The guarantee of a detector's threshold, for each group of images that has one.
 *
 * `conformal`: k and n are those of the calibration. `tpr`, from a run: an image is rejected if it scores below the ID score after the one at
 * `index`, so k is `index` + 2 of the run's `count`, provided no other ID image has that score.
 *
 * @throws FaroutError OOD_WATCH_REFUSED when ID images of the run share the score at the threshold; OOD_DETECTOR_FILE_INVALID for an invalid
 * rank.
 */
export function watchedGroups({ threshold, idScores, predicted }: Description): readonly WatchedGroup[] {
  if (threshold.rule === 'conformal') {
    const { k, n, own = [] } = threshold;
    const groups = own.map((each) => checked({ class: each.class, k: each.k, n: each.n }));
    return own.length > 0 && own.length === predicted?.length ? groups : [...groups, checked({ k, n })];
  }
  const { index, count, score, value } = threshold;
  const isAll = idScores.scores.length === count;
  // With quantiles, ties are visible only if two quantiles are equal; smaller ties do not matter.
  const tied = isAll
    ? idScores.scores.filter((each) => each <= value).length - index - 1
    : idScores.scores.filter((each) => each === Math.fround(score)).length - 1;
  if (tied <= 0) return [checked({ k: index + 2, n: count })];
  throw new FaroutError(
    'OOD_WATCH_REFUSED',
    `several ID images of the run have exactly the score of the threshold, ${score}, so its rate of refusals is unknown`,
    { fix: 'Calibrate the file with `farout calibrate`, and watch the new file.' },
  );
}

/** No calibration has more images; a larger number can only come from a tampered file. */
const mostImages = 1e9;

function checked(group: WatchedGroup): WatchedGroup {
  if (group.k >= 1 && group.k <= group.n && group.n <= mostImages) return group;
  throw new FaroutError(
    'OOD_DETECTOR_FILE_INVALID',
    `the file's threshold is set by the score of rank ${group.k} of ${group.n}`,
    {
      fix: 'Export the detector again.',
    },
  );
}

/** Returns the group of an image, by its predicted class. */
function grouping(groups: readonly WatchedGroup[]): (image: Judged) => number {
  const ofClass = new Map(groups.map((group, at) => [group.class, at]));
  const others = groups.length - 1;
  return (image) => ofClass.get(image.class) ?? others;
}

/**
 * Tests once whether more images were rejected than a detector's threshold guarantees. Accounts for the calibration error: R of m images has a
 * beta-binomial distribution, not a binomial one. See `betaBinomialUpperTail`.
 *
 * @throws FaroutError what `watchedGroups` throws.
 */
export function lookAt(description: Description, judged: Iterable<Judged>): Look {
  const all = watchedGroups(description);
  const groupOf = grouping(all);
  const counts = all.map(() => ({ images: 0, refused: 0 }));
  for (const image of judged) {
    const count = counts[groupOf(image)]!;
    count.images++;
    count.refused += Number(!image.isInDistribution);
  }
  const groups = all
    .map((group, at) => ({ ...group, ...counts[at]! }))
    .filter(({ images }) => images > 0)
    .map((group) => ({ ...group, p: betaBinomialUpperTail(group.refused, group.images, group) }));
  const p = Math.min(1, ...groups.map((group) => group.p * groups.length));
  return { ...totals(groups), p, groups };
}

/**
 * Monitors whether more images are rejected than a detector's threshold guarantees, by a test that may be checked after every image: an e-process
 * against Pólya's urn, see `driftTest`; each group has its own.
 *
 * @throws FaroutError what `watchedGroups` throws.
 */
export function watchOf(description: Description): Watch {
  const all = watchedGroups(description);
  const groupOf = grouping(all);
  const tests = all.map((group) => driftTest(group));
  const evidence = () => tests.reduce((sum, test) => sum + test.evidence(), 0) / tests.length;
  return {
    add: (image) => tests[groupOf(image)]!.add(!image.isInDistribution),
    evidence,
    // A mean cannot reach a limit that none of its terms has reached.
    reaches: (limit) => tests.some((test) => test.reaches(limit)) && evidence() >= limit,
    groups: () =>
      all.map((group, at) => {
        const { images, refused } = tests[at]!.state();
        return { ...group, images, refused, evidence: tests[at]!.evidence() };
      }),
  };
}

/** The total number of images, and how many of them are rejected. */
const totals = (groups: readonly Refusals[]) => ({
  images: groups.reduce((sum, { images }) => sum + images, 0),
  refused: groups.reduce((sum, { refused }) => sum + refused, 0),
});
