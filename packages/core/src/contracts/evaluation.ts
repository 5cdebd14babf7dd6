import type { About } from './part.ts';

/** What reports say of a metric. It stands in results.json, so that a report of a saved run needs no plugin. */
export interface MetricTraits {
  /** What experiments call it. */
  readonly name: string;
  /** What tables and charts call it, such as `AUROC`; the name when absent. */
  readonly title?: string;
  /**
   * Which of the definitions that go by this title it is, such as `ID positive`. Tables say it behind the title; of metrics with
   * one title and a convention each, a page shows one at a time.
   */
  readonly convention?: string;
  /** What the number is, a phrase below the tables; for a metric whose title alone would mislead. */
  readonly note?: string;
  /** Which direction is better, for marking the best value of a column. */
  readonly better: 'higher' | 'lower';
  /**
   * The set of whose images 95 % decide the threshold that it is read at: `id` where that is `idThreshold95`, `ood` where it
   * rejects 95 % of OOD. Where the images are too few for this share, reports say the share that it is; where many ID scores are
   * equal to the threshold, they mark no best.
   */
  readonly at95?: 'id' | 'ood';
}

/** (ID scores, OOD scores) → one number. */
export interface MetricDefinition extends MetricTraits {
  /** What lists and editors say of it. */
  readonly about?: About;
  /** It is measured where an experiment lists no metrics: all that say so, in the order in which plugins bring them. */
  readonly byDefault?: true;
  /**
   * Its value depends on how many images the two sets have, as precision does. Experiments may weigh the OOD images of such a metric, so
   * that sets of different sizes can be compared.
   */
  readonly dependsOnSizes?: true;
  /**
   * It is the area under the ROC curve, whose interval and differences need no draws: they are DeLong's. Any other metric's are from images
   * that are drawn again.
   */
  readonly interval?: 'delong';
  /**
   * It is the best that any threshold gives, such as the smallest error. On the images that chose the threshold it looks better than it is,
   * and on draws of these images better once more: its intervals are moved back by twice as much as the draws are from the value.
   */
  readonly bestOfThresholds?: true;
  /** `value` takes no longer than some passes over the curve: it is drawn 2,000 times, and 1,000 times where this is absent. */
  readonly fast?: true;
  /** A fraction in 0..1. The curve is made once and serves all metrics. */
  readonly value: (curve: Curve) => number;
}

/** Types a metric. See `MetricDefinition`. */
export const defineMetric = (definition: MetricDefinition): MetricDefinition => definition;

/** One cell of the table: a fraction for every built-in metric. `ood` is the name of a set or of a group, or "average". */
export interface MetricResult {
  readonly detector: string;
  readonly ood: string;
  readonly metric: string;
  readonly value: number;
  /** What other images of the same sets would give; absent in older runs, and where a metric gives none. */
  readonly interval?: Interval;
  /** Of a detector that draws, in an experiment of several seeds, whose mean `value` is; absent elsewhere. */
  readonly seeds?: OverSeeds;
  /** What the experiment says was published for this cell; absent when it says nothing. */
  readonly published?: number;
}

/**
 * Of how a number varies with what a detector draws, on the same images: it has nothing to do with an interval, which is over images, and
 * says nothing of other images.
 */
export interface OverSeeds {
  readonly count: number;
  /** The standard deviation of the numbers of single seeds, with count − 1. */
  readonly deviation: number;
}

/**
 * Of how a number varies with the images that were drawn: in 95 of 100 such draws an interval made this way covers what all images of
 * the sets' kind would give. It says nothing of other sets, other trainings and other fits. Within 0..1, never of width 0.
 */
export interface Interval {
  readonly low: number;
  readonly high: number;
  readonly method: IntervalMethod;
}

/**
 * `delong`: the covariance of DeLong et al. (1988), on the logit scale. `newcombe`: method 5 of Newcombe (2006), at 0 and 1 and in sets of
 * fewer than 30 images. `wilson`: of a share. `bootstrap`: quantiles over draws of images, each set apart (`ImageDraws`). `clopper-pearson`: of a share
 * of images at a threshold that is taken as given, whose own error it leaves out.
 */
export type IntervalMethod = 'delong' | 'newcombe' | 'wilson' | 'bootstrap' | 'clopper-pearson';

/**
 * How far the differences between detectors vary with the images, which both see alike: the standard error of each pair's difference by
 * one metric on one set, group or average.
 */
export interface PairedErrors {
  readonly metric: string;
  readonly ood: string;
  readonly method: 'delong' | 'bootstrap';
  /** The detectors that were compared, in the table's order. */
  readonly detectors: readonly string[];
  /** Of the pairs (0, 1), (0, 2), …, (1, 2), …: 0 where both rank all images alike. */
  readonly standardErrors: readonly number[];
}

/**
 * The distinct scores of an ID and an OOD set, and how many images of each lie there: weights, so that a bootstrap draw, a
 * class weight or another ratio of the sets is a change of counts. An image has weight 1 unless it is given another. No
 * threshold parts images of one score.
 */
export interface Curve {
  /** The scores, descending; an image of one set or the other has each of them. */
  readonly thresholds: Float32Array;
  /** The weight of the ID images at each score, 0 or more. */
  readonly id: Float64Array;
  /** The weight of the OOD images at each score, 0 or more; never 0 where that of the ID images is. */
  readonly ood: Float64Array;
  /** The weight of all ID images: their number where nobody weighs them. Above 0. */
  readonly idTotal: number;
  /** The weight of all OOD images. */
  readonly oodTotal: number;
}
