import type { MetricResult, MetricTraits } from './evaluation.ts';
import type { PartContext, RowStream } from './fit.ts';
import { z, type About, type ParametersSchema } from './part.ts';

const numbers = z.array(z.number());
const cell = z.union([z.string(), z.number()]);

/**
 * The common part of all series: the name, which the legend explains once for all charts of a block, and optionally the set it belongs to
 * (ID or OOD), which decides its colour on all pages.
 */
const series = { name: z.string(), as: z.enum(['id', 'ood']).exactOptional() };

const line = z.strictObject({ ...series, x: numbers, y: numbers });
/** A line between two others, such as a mean with one deviation to either side. */
const band = z.strictObject({ ...series, x: numbers, y: numbers, low: numbers, high: numbers });
/** Shares (fractions) in bins between adjacent edges, ascending; one share fewer than edges. */
const histogram = z.strictObject({ ...series, edges: numbers, shares: numbers });

/** A chart: one or more series on common axes. */
const chart = z.strictObject({
  /** The heading. */
  caption: z.string().exactOptional(),
  /** The axis labels. */
  x: z.string(),
  y: z.string(),
  lines: z.array(line).exactOptional(),
  bands: z.array(band).exactOptional(),
  histograms: z.array(histogram).exactOptional(),
  /** A vertical line at a value of x; if that is beyond all series, it is not drawn and the legend says so. */
  mark: z.strictObject({ name: z.string(), at: z.number() }).exactOptional(),
  /** Whether y has a logarithmic scale, on which only values above 0 are drawn. */
  logarithmic: z.boolean().exactOptional(),
  /** The range of y, for charts that are compared; values beyond it are cut off. */
  range: z.tuple([z.number(), z.number()]).exactOptional(),
});
export type ReportChart = z.output<typeof chart>;

/** A block of a section: a paragraph, a note in small print, a table, a chart, or charts side by side. Data, never markup. */
export const reportBlockSchema = z.union([
  z.strictObject({ text: z.string() }),
  z.strictObject({ note: z.string() }),
  z.strictObject({ heads: z.array(z.string()), rows: z.array(z.array(cell)) }),
  chart,
  z.strictObject({ charts: z.array(chart) }),
]);
export type ReportBlock = z.output<typeof reportBlockSchema>;

/** Blocks, or a promise of them. */
type Blocks = readonly ReportBlock[] | Promise<readonly ReportBlock[]>;

/** What a section can read of a finished run. */
export interface FinishedScores {
  /** Every cell of the tables. */
  readonly results: readonly MetricResult[];
  /** For each detector, the score that about 95 % of the ID images exceed. */
  readonly thresholds: Readonly<Record<string, number>>;
  /** The names of the ID sets, which are treated as one set. */
  readonly id: readonly string[];
  /** The sets by name, the ID sets first. */
  readonly sets: ReadonlyMap<string, ScoredSet>;
  /** The names of the network's classes, in its numbering; absent if no dataset gives them. */
  readonly classes?: readonly string[];
}

/** The images of a set and their scores, all in the same order. */
export interface ScoredSet {
  /** The names of the images. */
  readonly images: readonly string[];
  /** The class that the network predicts without hooks; −1 if its logits contain NaN. */
  readonly predicted: Int32Array;
  /** Scores by detector; higher = more in-distribution. */
  readonly scores: ReadonlyMap<string, Float32Array>;
}

/** A section in the report of every run that uses its plugin. */
export interface ReportSectionDefinition {
  readonly name: string;
  readonly about?: About;
  /** The heading. */
  readonly title: string;
  /** Computed once, when the scores are available; with no blocks, the section is omitted. */
  readonly blocks: (run: FinishedScores) => Blocks;
}

/** Types a section of the report. See `ReportSectionDefinition`. */
export const defineReportSection = (definition: ReportSectionDefinition): ReportSectionDefinition => definition;

/** A report section of a hook or scorer; shown for every detector that contains the part and has scores. */
export type PartSection<P extends ParametersSchema = ParametersSchema> = SectionOfPart<P> | SectionOfDetector<P>;

/**
 * Shows the effect of a part on its input, independent of later parts: computed once for all detectors with the same parts up to this one,
 * and kept in the store.
 */
export interface SectionOfPart<P extends ParametersSchema = ParametersSchema> {
  readonly of: 'part';
  /** The heading; sections with the same title are shown together. */
  readonly title: string;
  /** With no blocks, the section is omitted. */
  readonly blocks: (params: z.output<P>, at: FinishedPart) => Blocks;
}

/** Shows the detector that a part belongs to, such as its metrics with other parameters: computed for each detector. */
export interface SectionOfDetector<P extends ParametersSchema = ParametersSchema> {
  readonly of: 'detector';
  readonly title: string;
  readonly blocks: (params: z.output<P>, at: FinishedDetector) => Blocks;
}

/** What a part's section can read of a finished run; `learnt` is what the part learnt, and `compile` works until the blocks are computed. */
export interface FinishedPart extends PartContext {
  /** The names of the ID sets, which are treated as one set. */
  readonly id: readonly string[];
  /** The names of the OOD sets. */
  readonly ood: readonly string[];
  /** The name of the set that the part learns from; absent if the experiment has none. */
  readonly fit?: string;
  /**
   * The stored rows of one of these sets, or of several in sequence, as the part reads them: `features`, `logits`, `labels` or its own
   * readings. Undefined if the store does not have them, which is the case after hooks that read images.
   */
  readonly rows: <const Name extends string>(
    set: string | readonly string[],
    reads: readonly Name[],
    which?: WhichRows,
  ) => RowStream<Name> | undefined;
}

/** Which rows of a set to read. */
export interface WhichRows {
  /** Whether features and logits are taken after the part, if that is a hook, instead of before it. */
  readonly behind?: boolean;
  /** At most this many, evenly spaced over the set; by default all. */
  readonly most?: number;
}

/** What a section of a whole detector can also read. */
export interface FinishedDetector extends FinishedPart {
  /** Its name in tables. */
  readonly detector: string;
  /** The metrics of the experiment. */
  readonly metrics: readonly MetricTraits[];
  /**
   * The metrics of the detector with other parameters of the part (give all of them) and everything else unchanged; the part learns again.
   * Scores are kept in the store. Undefined when the run's time for this is up: `farout report` computes the rest. Absent if it cannot be
   * computed from stored rows: a later part also learns or has readings, or the scorer reads images.
   *
   * @throws Error when the parameters are invalid, or computing with them fails.
   */
  readonly with?: (params: Readonly<Record<string, unknown>>) => Promise<Measured | undefined>;
  /** The maximum number of images per set that `with` uses; by default all. */
  readonly imagesPerSet?: number;
}

/** Metric values (fractions) by metric name, for each OOD set by name. */
export type Measured = Readonly<Record<string, Readonly<Record<string, number>>>>;
