import type { About } from './part.ts';

/** What reports say about a metric. It is saved in results.json, so that a report of a saved run does not need the plugin. */
export interface MetricTraits {
  /** Its name in experiments. */
  readonly name: string;
  /** Its title in tables and charts, such as `AUROC`; by default the name. */
  readonly title?: string;
  /**
   * Which of several definitions with this title it is, such as `ID positive`. Tables show it after the title; of metrics with the same
   * title and different conventions, a page shows one at a time.
   */
  readonly convention?: string;
  /** What the number means, a phrase below the tables; for a metric whose title alone would mislead. */
  readonly note?: string;
  /** Which direction is better, for marking the best value of a column. */
  readonly better: 'higher' | 'lower';
  /**
   * The set that decides the threshold it is read at: `id` for `idThreshold95`, `ood` if the threshold rejects 95 % of the OOD images. If
   * there are too few images for this share, reports show the actual share; if many ID scores equal the threshold, they do not mark a best
   * value.
   */
  readonly at95?: 'id' | 'ood';
}

/** (ID scores, OOD scores) → one number. */
export interface MetricDefinition extends MetricTraits {
  /** Its description in lists and editors. */
  readonly about?: About;
  /** Set if it is measured when an experiment lists no metrics; all such metrics are, in the order of the plugins. */
  readonly byDefault?: true;
  /**
   * Set if its value depends on the sizes of the two sets, as precision does. Experiments may weight the OOD images of such a metric, so
   * that sets of different sizes can be compared.
   */
  readonly dependsOnSizes?: true;
  /**
   * Set for the area under the ROC curve, whose intervals and differences are DeLong's and need no bootstrap. All other metrics use
   * bootstrap draws of the images.
   */
  readonly interval?: 'delong';
  /**
   * Set if it is the best value over all thresholds, such as the smallest error. It is biased, because the same images choose the
   * threshold, and on bootstrap draws it is biased twice; so its intervals are moved back by twice the difference between the draws and the
   * value.
   */
  readonly bestOfThresholds?: true;
  /** Set if `value` takes no longer than a few passes over the curve: it is then drawn 2,000 times, otherwise 1,000 times. */
  readonly fast?: true;
  /** The value, a fraction in 0..1. The curve is computed once for all metrics. */
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
  /** The confidence interval over images of the same kind; absent in older runs, and if the metric has none. */
  readonly interval?: Interval;
  /** The variation over seeds, of which `value` is the mean; only for a detector that draws random numbers in an experiment with several seeds. */
  readonly seeds?: OverSeeds;
  /** The published value for this cell, if the experiment gives one. */
  readonly published?: number;
}

/**
 * How a number varies with the random draws of a detector, on the same images. It is unrelated to the interval, which is over images, and
 * says nothing about other images.
 */
export interface OverSeeds {
  readonly count: number;
  /** The standard deviation over seeds, with count − 1. */
  readonly deviation: number;
}

/**
 * A 95 % confidence interval over the choice of images: in 95 of 100 draws of images, an interval computed this way covers the value for
 * all images of the sets' kind. It says nothing about other sets, other trainings or other fit sets. Within 0..1, never of width 0.
 */
export interface Interval {
  readonly low: number;
  readonly high: number;
  readonly method: IntervalMethod;
}

/**
 * `delong`: the covariance of DeLong et al. (1988), on the logit scale. `newcombe`: method 5 of Newcombe (2006), at 0 and 1 and in sets of
 * fewer than 30 images. `wilson`: for a share. `bootstrap`: quantiles over draws of images, each set separately (`ImageDraws`).
 * `clopper-pearson`: for a share of images at a threshold that is taken as given, ignoring the threshold's own error.
 */
export type IntervalMethod = 'delong' | 'newcombe' | 'wilson' | 'bootstrap' | 'clopper-pearson';

/**
 * How much the differences between detectors vary with the images, which are the same for both: the standard error of each pair's
 * difference in one metric on one set, group or average.
 */
export interface PairedErrors {
  readonly metric: string;
  readonly ood: string;
  readonly method: 'delong' | 'bootstrap';
  /** The detectors that were compared, in the table's order. */
  readonly detectors: readonly string[];
  /** For the pairs (0, 1), (0, 2), …, (1, 2), …; 0 if both rank all images alike. */
  readonly standardErrors: readonly number[];
}

/**
 * The distinct scores of an ID and an OOD set, and the weight of the images of each set at every score. With weights, a bootstrap draw, a
 * class weight or another ratio of the sets is only a change of counts. An image has weight 1 unless given another. No threshold separates
 * images with equal scores.
 */
export interface Curve {
  /** The scores, descending; each is the score of at least one image. */
  readonly thresholds: Float32Array;
  /** The weight of the ID images at each score, 0 or more. */
  readonly id: Float64Array;
  /** The weight of the OOD images at each score, 0 or more; never 0 where the ID weight is 0. */
  readonly ood: Float64Array;
  /** The weight of all ID images: their number if they are not weighted. Above 0. */
  readonly idTotal: number;
  /** The weight of all OOD images. */
  readonly oodTotal: number;
}
