import type { ReportBlock } from './contracts/report.ts';

/** A histogram: shares of a set's images (or values) in bins between adjacent edges; one share fewer than edges. */
export type Shares = readonly number[];

/** The distribution of a detector's scores on the ID images and on one OOD set, in common bins. */
export interface ScoreDistribution {
  readonly detector: string;
  readonly ood: string;
  /** Ascending, in score units, finite; values beyond the outermost edges, including ±∞, count in the outermost bins. */
  readonly edges: readonly number[];
  readonly idShares: Shares;
  readonly oodShares: Shares;
}

/** A detector's ROC curve on one OOD set, ID as the positive class, from (0, 0) to (1, 1), thinned out without a visible difference. */
export interface RocCurve {
  readonly detector: string;
  readonly ood: string;
  readonly falsePositiveRate: readonly number[];
  readonly truePositiveRate: readonly number[];
}

/** An image that a detector got badly wrong. */
export interface Mistake {
  readonly dataset: string;
  readonly image: string;
  /** May be ±∞. */
  readonly score: number;
  /** The name of the predicted class; absent if no dataset names classes. */
  readonly predicted?: string;
  /** A JPEG of at most 96 × 96 pixels, base64; absent if the image could not be read again. */
  readonly thumbnail?: string;
  /** Why it could not be read. */
  readonly noThumbnail?: string;
}

/** The OOD images with the highest scores and the ID images with the lowest scores of a detector; the worst first. */
export interface Mistakes {
  readonly detector: string;
  readonly highestOod: readonly Mistake[];
  readonly lowestId: readonly Mistake[];
}

/** The content of a plugin's section. */
export interface PluginSection {
  readonly title: string;
  readonly blocks: readonly ReportBlock[];
}

/** The content of parts' sections with the same title. */
export interface ShownSection {
  readonly title: string;
  /** Detectors with the same content are grouped. */
  readonly shown: readonly { readonly detectors: readonly string[]; readonly blocks: readonly ReportBlock[] }[];
}

/**
 * What a report shows besides `results.json`, in the run folder's `report-data.json`: numbers computed by the run, so that the report can
 * be rendered again at any time without computing anything. A list is empty if there is nothing to show.
 */
export interface ReportData {
  readonly schemaVersion: 1;
  readonly distributions: readonly ScoreDistribution[];
  readonly curves: readonly RocCurve[];
  /** Sections of hooks and scorers. */
  readonly parts: readonly ShownSection[];
  readonly mistakes: readonly Mistakes[];
  /** Plugins' sections for the run as a whole. */
  readonly sections: readonly PluginSection[];
  /** What was omitted because the time was up, a phrase each; absent if nothing was. */
  readonly unfinished?: readonly string[];
}
