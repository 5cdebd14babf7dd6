import { z, type About } from './part.ts';

/** (ID scores, OOD scores) → one number. */
export interface MetricDefinition {
  /** What experiments call it. */
  readonly name: string;
  /** What lists and editors say of it. */
  readonly about?: About;
  /** Which direction is better, for marking the best value of a column. */
  readonly better: 'higher' | 'lower';
  /** A fraction in 0..1. The sweep is made once and serves all metrics. */
  readonly value: (sweep: Sweep) => number;
}

/** Types a metric. See `MetricDefinition`. */
export const defineMetric = (definition: MetricDefinition): MetricDefinition => definition;

/** One cell of the table: a fraction for every built-in metric. `ood` is a set's name or "average". */
export interface MetricResult {
  readonly detector: string;
  readonly ood: string;
  readonly metric: string;
  readonly value: number;
  /** What the experiment says was published for this cell; absent when it says nothing. */
  readonly published?: number;
}

/**
 * The scores of an ID and an OOD set, sorted and counted once for all metrics. An image counts as accepted (ID) at a
 * threshold t when its score is ≥ t. Equal scores form one group: no threshold parts them.
 */
export interface Sweep {
  /** ID scores, ascending. */
  readonly idScores: Float32Array;
  /** OOD scores, ascending. */
  readonly oodScores: Float32Array;
  /** The distinct scores of both sets, descending: one entry per group of ties. */
  readonly thresholds: Float32Array;
  /** For each threshold, how many ID scores are ≥ it; the last entry is their number. */
  readonly idAccepted: Uint32Array;
  /** For each threshold, how many OOD scores are ≥ it; the last entry is their number. */
  readonly oodAccepted: Uint32Array;
}

/** What a section may see of a finished run. */
export interface FinishedScores {
  /** Every cell of the tables. */
  readonly results: readonly MetricResult[];
  /** For each detector the score above which about 95 % of the ID images lie. */
  readonly thresholds: Readonly<Record<string, number>>;
  /** The name of the ID set. */
  readonly id: string;
  /** By the name of the set, the ID set first. */
  readonly sets: ReadonlyMap<string, ScoredSet>;
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

const numbers = z.array(z.number());
const cell = z.union([z.string(), z.number()]);
const line = z.strictObject({ name: z.string(), x: numbers, y: numbers });

/** A piece of a section: a paragraph, a table, or a chart of lines over common axes. Data, never markup. */
export const reportBlockSchema = z.union([
  z.strictObject({ text: z.string() }),
  z.strictObject({ heads: z.array(z.string()), rows: z.array(z.array(cell)) }),
  z.strictObject({ x: z.string(), y: z.string(), lines: z.array(line) }),
]);
export type ReportBlock = z.output<typeof reportBlockSchema>;

/** A section of its own in the report of every run that its plugin takes part in. */
export interface ReportSectionDefinition {
  readonly name: string;
  readonly about?: About;
  /** What stands above it. */
  readonly title: string;
  /** Computed once, when the scores are there; none and it is left out. */
  readonly blocks: (run: FinishedScores) => readonly ReportBlock[] | Promise<readonly ReportBlock[]>;
}

/** Types a section of the report. See `ReportSectionDefinition`. */
export const defineReportSection = (definition: ReportSectionDefinition): ReportSectionDefinition => definition;
