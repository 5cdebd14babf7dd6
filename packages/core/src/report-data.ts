import type { ReportBlock } from './contracts/report.ts';

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

/** An image that a detector got wrong, most of all. */
export interface Mistake {
  readonly dataset: string;
  readonly image: string;
  /** ±∞ is a score too. */
  readonly score: number;
  /** What the class is called that the network takes it for; absent where no dataset names classes. */
  readonly predicted?: string;
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

/** What parts of detectors show under one title. */
export interface ShownSection {
  readonly title: string;
  /** Detectors of which the same is shown stand together. */
  readonly shown: readonly { readonly detectors: readonly string[]; readonly blocks: readonly ReportBlock[] }[];
}

/**
 * What a report draws beside `results.json`, in the run folder's `report-data.json`: numbers that the run computed, so that the
 * report, which may be made again at any time, computes nothing. A list is empty where there is nothing to draw.
 */
export interface ReportData {
  readonly schemaVersion: 1;
  readonly distributions: readonly ScoreDistribution[];
  readonly curves: readonly RocCurve[];
  /** What hooks and scorers bring. */
  readonly parts: readonly ShownSection[];
  readonly mistakes: readonly Mistakes[];
  /** What plugins bring for the run as a whole. */
  readonly sections: readonly PluginSection[];
  /** What was left out because its time was up, a phrase each; absent when all is there. */
  readonly unfinished?: readonly string[];
}
