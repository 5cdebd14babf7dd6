import type { ReportBlock } from './contracts/evaluation.ts';

/** A histogram: shares of a set's images (or values) in bins between neighbouring edges; one share fewer than edges. */
export type Shares = readonly number[];

/** How a detector's scores of the ID images and of one OOD set lie, in common bins. */
export interface ScoreDistribution {
  readonly detector: string;
  readonly ood: string;
  /** Ascending, in score units, finite; what lies beyond the outermost, ±∞ included, counts in the outermost bin. */
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

/** What a detector's hooks do to the features, for the ID set and then every OOD set: unit by unit, and all activations pooled. */
export interface Rectification {
  /** The detectors with these hooks. */
  readonly detectors: readonly string[];
  /** The rectification threshold, in units of the features; absent where the hooks have none. */
  readonly c?: number;
  readonly before: readonly UnitActivations[];
  readonly after: readonly UnitActivations[];
  /** Edges in units of the features, ascending, for all sets; what lies beyond counts in the outermost bin. */
  readonly edges: readonly number[];
  /** The activations of a set before the hooks, over images and units. */
  readonly pooled: readonly { readonly set: string; readonly shares: Shares }[];
}

/** The experiment's metrics of a detector for other values of a parameter of one of its hooks. */
export interface ParameterSweep {
  readonly detector: string;
  /** What the parameter is called. */
  readonly parameter: string;
  /** Its values, ascending: those that were computed. */
  readonly settings: readonly number[];
  /** The value of the run. */
  readonly chosen?: number;
  /** How many images of the fit set and of every set compared it was computed from, at most; all of them where absent. */
  readonly imagesPerSet?: number;
  /** For each OOD set the values of every metric by its name, one for each setting. */
  readonly sets: readonly {
    readonly ood: string;
    readonly values: Readonly<Record<string, readonly number[]>>;
  }[];
}

/** An image that a detector got wrong, most of all. */
export interface Mistake {
  readonly dataset: string;
  readonly image: string;
  /** ±∞ is a score too. */
  readonly score: number;
  /** A JPEG of at most 96 × 96 pixels, base64; absent where the image could not be read again. */
  readonly thumbnail?: string;
  /** Why it could not. */
  readonly noThumbnail?: string;
}

/** The OOD images that a detector is surest of, and the ID images that it trusts least; the worst first. */
export interface Mistakes {
  readonly detector: string;
  readonly highestOod: readonly Mistake[];
  readonly lowestId: readonly Mistake[];
}

/** What a plugin's section shows. */
export interface PluginSection {
  readonly title: string;
  readonly blocks: readonly ReportBlock[];
}

/**
 * What a report draws beside `results.json`, in the run folder's `report-data.json`: numbers that the run computed, so that the
 * report, which may be made again at any time, computes nothing. A list is empty where there is nothing to draw.
 */
export interface ReportData {
  readonly schemaVersion: 1;
  readonly distributions: readonly ScoreDistribution[];
  readonly curves: readonly RocCurve[];
  readonly rectifications: readonly Rectification[];
  readonly sweeps: readonly ParameterSweep[];
  readonly mistakes: readonly Mistakes[];
  readonly sections: readonly PluginSection[];
  /** What was left out because its time was up, a phrase each; absent when all is there. */
  readonly unfinished?: readonly string[];
}
