import type { MetricResult, MetricTraits } from './evaluation.ts';
import type { PartContext, RowStream } from './fit.ts';
import { z, type About, type ParametersSchema } from './part.ts';

const numbers = z.array(z.number());
const cell = z.union([z.string(), z.number()]);

/**
 * What every series of a chart has: its name, which the legend explains once for all charts of a block, and, where it is of the ID
 * or of an OOD set, that it has the colour which these have on all pages.
 */
const series = { name: z.string(), as: z.enum(['id', 'ood']).exactOptional() };

const line = z.strictObject({ ...series, x: numbers, y: numbers });
/** A line between two others, such as a mean and a deviation to both sides. */
const band = z.strictObject({ ...series, x: numbers, y: numbers, low: numbers, high: numbers });
/** Shares (fractions) in bins between neighbouring edges, ascending: one share fewer than edges. */
const histogram = z.strictObject({ ...series, edges: numbers, shares: numbers });

/** A chart: one or more series over common axes. */
const chart = z.strictObject({
  /** What stands above it. */
  caption: z.string().exactOptional(),
  /** What the axes are called. */
  x: z.string(),
  y: z.string(),
  lines: z.array(line).exactOptional(),
  bands: z.array(band).exactOptional(),
  histograms: z.array(histogram).exactOptional(),
  /** A vertical line at a value of x; where that is beyond all series it is not drawn, and the legend says so. */
  mark: z.strictObject({ name: z.string(), at: z.number() }).exactOptional(),
  /** Whether y is on a logarithmic scale, where only what is above 0 is drawn. */
  logarithmic: z.boolean().exactOptional(),
  /** From where to where y is drawn, for charts that are compared; what lies beyond is cut off. */
  range: z.tuple([z.number(), z.number()]).exactOptional(),
});
export type ReportChart = z.output<typeof chart>;

/** A piece of a section: a paragraph, a remark in small print, a table, a chart, or charts side by side. Data, never markup. */
export const reportBlockSchema = z.union([
  z.strictObject({ text: z.string() }),
  z.strictObject({ note: z.string() }),
  z.strictObject({ heads: z.array(z.string()), rows: z.array(z.array(cell)) }),
  chart,
  z.strictObject({ charts: z.array(chart) }),
]);
export type ReportBlock = z.output<typeof reportBlockSchema>;

/** Blocks, at once or later. */
type Blocks = readonly ReportBlock[] | Promise<readonly ReportBlock[]>;

/** What a section may see of a finished run. */
export interface FinishedScores {
  /** Every cell of the tables. */
  readonly results: readonly MetricResult[];
  /** For each detector the score above which about 95 % of the ID images lie. */
  readonly thresholds: Readonly<Record<string, number>>;
  /** The names of the ID sets, whose images count as those of one. */
  readonly id: readonly string[];
  /** By the name of the set, the ID sets first. */
  readonly sets: ReadonlyMap<string, ScoredSet>;
  /** What the network's classes are called, in its numbering; absent where no dataset says so. */
  readonly classes?: readonly string[];
}

/** The images of a set and what detectors made of them, all in one order. */
export interface ScoredSet {
  /** What each image is called. */
  readonly images: readonly string[];
  /** The class that the network without hooks predicts; −1 where its logits hold NaN. */
  readonly predicted: Int32Array;
  /** Scores by detector; higher = more in-distribution. */
  readonly scores: ReadonlyMap<string, Float32Array>;
}

/** A section of its own in the report of every run that its plugin takes part in. */
export interface ReportSectionDefinition {
  readonly name: string;
  readonly about?: About;
  /** What stands above it. */
  readonly title: string;
  /** Computed once, when the scores are there; none and it is left out. */
  readonly blocks: (run: FinishedScores) => Blocks;
}

/** Types a section of the report. See `ReportSectionDefinition`. */
export const defineReportSection = (definition: ReportSectionDefinition): ReportSectionDefinition => definition;

/** A section of the report that a hook or a scorer brings: it is drawn of every detector that has the part and came to scores. */
export type PartSection<P extends ParametersSchema = ParametersSchema> = SectionOfPart<P> | SectionOfDetector<P>;

/**
 * What a part does to what it sees, whatever comes behind it: made once for all detectors with the same parts up to this one, and
 * kept in the store.
 */
export interface SectionOfPart<P extends ParametersSchema = ParametersSchema> {
  readonly of: 'part';
  /** What stands above it; the sections of one title stand together. */
  readonly title: string;
  /** None and it is left out. */
  readonly blocks: (params: z.output<P>, at: FinishedPart) => Blocks;
}

/** What a part makes of the detector that it belongs to, such as its metrics with other parameters: made for each. */
export interface SectionOfDetector<P extends ParametersSchema = ParametersSchema> {
  readonly of: 'detector';
  readonly title: string;
  readonly blocks: (params: z.output<P>, at: FinishedDetector) => Blocks;
}

/** What a part's section may see of a finished run; it learnt `learnt`, and `compile` works until the blocks are there. */
export interface FinishedPart extends PartContext {
  /** The names of the ID sets, whose images count as those of one. */
  readonly id: readonly string[];
  /** The names of the OOD sets. */
  readonly ood: readonly string[];
  /** The name of the set that the part learns from; absent where the experiment has none. */
  readonly fit?: string;
  /**
   * The stored rows of one of these sets, or of several one after another, as the part reads them: `features`, `logits`, `labels` or readings of its own. Undefined
   * where the store does not have them: behind hooks that look at images.
   */
  readonly rows: <const Name extends string>(
    set: string | readonly string[],
    reads: readonly Name[],
    which?: WhichRows,
  ) => RowStream<Name> | undefined;
}

/** Which rows of a set. */
export interface WhichRows {
  /** Whether features and logits are those behind the part, if that is a hook; else they are those before it. */
  readonly behind?: boolean;
  /** At most so many, evenly spread over the set's order; all of them when absent. */
  readonly most?: number;
}

/** What a section of a whole detector may see besides. */
export interface FinishedDetector extends FinishedPart {
  /** What tables call it. */
  readonly detector: string;
  /** The metrics of the experiment. */
  readonly metrics: readonly MetricTraits[];
  /**
   * The metrics of the detector with other parameters of the part, all of them, and everything else as it is: the part learns
   * again. Scores are kept in the store. Undefined when the time that a run has for this is up: `farout report` makes the rest.
   * Absent where stored rows do not give it: another part behind learns too or has readings, or the scorer looks at images.
   *
   * @throws Error when the part refuses the parameters, or they fail.
   */
  readonly with?: (params: Readonly<Record<string, unknown>>) => Promise<Measured | undefined>;
  /** How many images of every set `with` works on, at most; all of them where absent. */
  readonly imagesPerSet?: number;
}

/** The values of metrics by their names, fractions, for each OOD set by its name. */
export type Measured = Readonly<Record<string, Readonly<Record<string, number>>>>;
