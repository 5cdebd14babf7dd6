/** A histogram: shares of a set's images (or values) in bins between neighbouring edges; one share fewer than edges. */
export type Shares = readonly number[];

/** How a detector's scores of the ID images and of one OOD set lie, in common bins. */
export interface ScoreDistribution {
  readonly detector: string;
  readonly ood: string;
  /** Ascending, in score units; what lies beyond the outermost counts in the outermost bin. */
  readonly edges: readonly number[];
  readonly idShares: Shares;
  readonly oodShares: Shares;
}

/** A detector's ROC curve on one OOD set, ID as the positive class, from (0, 0) to (1, 1), thinned so that no point is off by more than can be seen. */
export interface RocCurve {
  readonly detector: string;
  readonly ood: string;
  readonly falsePositiveRate: readonly number[];
  readonly truePositiveRate: readonly number[];
}

/** Mean and standard deviation of every feature (penultimate unit) over the images of a set, (D) each. */
export interface UnitActivations {
  readonly set: string;
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** What a rectifying hook does to the features: units and all pooled activations, ID and every OOD set. */
export interface Rectification {
  /** The detector whose hook it is; detectors with the same c are drawn once. */
  readonly detector: string;
  /** The rectification threshold, in units of the features. */
  readonly c: number;
  readonly before: readonly UnitActivations[];
  readonly after: readonly UnitActivations[];
  /** Edges in units of the features, for all sets. */
  readonly edges: readonly number[];
  /** All activations of a set, over images and units. */
  readonly pooled: readonly { readonly set: string; readonly shares: Shares }[];
}

/** AUROC and FPR95 (ID positive) of a rectifying detector for every percentile p that c could have been. */
export interface PercentileSweep {
  readonly detector: string;
  /** 0 to 100. */
  readonly percentiles: readonly number[];
  /** The percentile that the experiment names; absent where it names c. */
  readonly chosen?: number;
  readonly sets: readonly {
    readonly ood: string;
    readonly auroc: readonly number[];
    readonly fpr95: readonly number[];
  }[];
}

/** An image that a detector got wrong, most of all. */
export interface Mistake {
  readonly dataset: string;
  readonly image: string;
  readonly score: number;
  /** A JPEG of at most 96 × 96 pixels, base64; absent where the image could not be read again. */
  readonly thumbnail?: string;
}

/** The OOD images that a detector is surest of, and the ID images that it trusts least; the worst first. */
export interface Mistakes {
  readonly detector: string;
  readonly highestOod: readonly Mistake[];
  readonly lowestId: readonly Mistake[];
}

/**
 * What a report draws beside `results.json`, in the run folder's `report-data.json`: numbers that the run computed, so that the
 * report, which may be made again at any time, computes nothing.
 */
export interface ReportData {
  readonly schemaVersion: 1;
  readonly distributions: readonly ScoreDistribution[];
  readonly curves: readonly RocCurve[];
  readonly rectifications: readonly Rectification[];
  readonly sweeps: readonly PercentileSweep[];
  readonly mistakes: readonly Mistakes[];
}
