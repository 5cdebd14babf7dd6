import { FaroutError } from '@farout/core';
import { betaBinomialUpperTail, driftTest, type Promised } from '@farout/statistics';
import type { Description } from '@farout/verdict';

/** Images with a threshold of their own: it refuses k of n + 1 of them on average. */
export interface WatchedGroup extends Promised {
  /** The class that these images are taken for; absent for all images, and for those taken for classes without a threshold of their own. */
  readonly class?: number;
}

/** How an image was judged. */
export interface Judged {
  /** The class that the network takes it for, by number. */
  readonly class: number;
  readonly isInDistribution: boolean;
}

/** How many images of a group were refused. */
export interface Refusals extends WatchedGroup {
  readonly images: number;
  readonly refused: number;
}

/** One look at images that were judged. */
export interface Look {
  readonly images: number;
  readonly refused: number;
  /**
   * A p value, one-sided: if the images come as those that the threshold is by, it is at most t with a probability of at most t. Of several groups
   * the smallest, times their number.
   */
  readonly p: number;
  /** Each group that has images, with a p value of its own. */
  readonly groups: readonly (Refusals & { readonly p: number })[];
}

/** What watches a detector at work, image by image. */
export interface Watch {
  /** One more image, in the order in which they come. */
  readonly add: (image: Judged) => void;
  /** E, see `driftTest`; of several groups the mean of theirs. Without drift it ever reaches 1/α with a probability of at most α. */
  readonly evidence: () => number;
  /** Whether E has come up to this number; cheap where it is far from it. */
  readonly reaches: (limit: number) => boolean;
  readonly groups: () => readonly (Refusals & { readonly evidence: number })[];
}

/**
 * What a detector's threshold promises, for each group of images that has one.
 *
 * `conformal`: k and n are those of the calibration. `tpr`, of a run: an image is refused that scores below the ID score behind the one at
 * `index`, so k is `index` + 2 of the run's `count`, as long as no other ID image scores as that one does.
 *
 * @throws FaroutError OOD_WATCH_REFUSED where ID images of the run share the score at the threshold; OOD_DETECTOR_FILE_INVALID for a rank
 * that is none.
 */
export function watchedGroups({ threshold, idScores, predicted }: Description): readonly WatchedGroup[] {
  if (threshold.rule === 'conformal') {
    const { k, n, own = [] } = threshold;
    const groups = own.map((each) => checked({ class: each.class, k: each.k, n: each.n }));
    return own.length > 0 && own.length === predicted?.length ? groups : [...groups, checked({ k, n })];
  }
  const { index, count, score, value } = threshold;
  const isAll = idScores.scores.length === count;
  // Of quantiles two that are equal are seen, and less is of no weight.
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

/** No calibration has more images; a promise by more would be a foreign file's. */
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

/** In which group an image is, by the class that it is taken for. */
function grouping(groups: readonly WatchedGroup[]): (image: Judged) => number {
  const ofClass = new Map(groups.map((group, at) => [group.class, at]));
  const others = groups.length - 1;
  return (image) => ofClass.get(image.class) ?? others;
}

/**
 * Whether more of some images were refused than a detector's threshold promises, at one look. The calibration's error counts: R of m images has
 * a beta-binomial distribution, not a binomial one. See `betaBinomialUpperTail`.
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
 * Watches whether more images are refused than a detector's threshold promises, by a test that may be looked at after every image: an e-process
 * against Pólya's urn, see `driftTest`; groups have one each.
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
    // A mean comes up to no limit that none of them has come up to.
    reaches: (limit) => tests.some((test) => test.reaches(limit)) && evidence() >= limit,
    groups: () =>
      all.map((group, at) => {
        const { images, refused } = tests[at]!.state();
        return { ...group, images, refused, evidence: tests[at]!.evidence() };
      }),
  };
}

/** How many images there are, and how many of them are refused. */
const totals = (groups: readonly Refusals[]) => ({
  images: groups.reduce((sum, { images }) => sum + images, 0),
  refused: groups.reduce((sum, { refused }) => sum + refused, 0),
});
