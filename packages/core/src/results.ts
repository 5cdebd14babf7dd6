import type { Interval, MetricResult, MetricTraits, PairedErrors } from './contracts/evaluation.ts';
import type { About, Family } from './contracts/part.ts';
import type { ReportData } from './report-data.ts';

/** The version of the format of results.json; it changes when a reader of the old format would be misled. */
export const resultsSchemaVersion = 3;

/** The name of the mean over all OOD sets in results and published numbers. */
export const averageOfSets = 'average';

/** Groups of OOD sets over which results are also averaged, by the name of that mean in results and published numbers. */
export type SetGroups = Readonly<Record<string, readonly string[]>>;

/** An image that was skipped because it cannot be read. */
export interface UnreadableImage {
  readonly image: string;
  readonly reason: string;
  /**
   * Set if the image's bytes are not the cause: a process was killed on it, memory ran out, or its file could not be read. The next run
   * tries it again. Absent if the bytes are not a supported image.
   */
  readonly cause?: 'machine';
}

/** Images with the same content in two sets: fit and ID, fit and OOD, or ID and OOD. Both may be the same dataset, if it has both roles. */
export interface Overlap {
  readonly sets: readonly [OverlappingSet, OverlappingSet];
  /** How many images of the first are in the second. */
  readonly images: number;
  /** The first of them, by its name in the first set. */
  readonly example: string;
}

/** A dataset, and the role in which it overlaps with another. */
export interface OverlappingSet {
  readonly dataset: string;
  readonly role: 'id' | 'fit' | 'ood';
}

/** Images of a dataset with the same content as an earlier one. */
export interface Duplicates {
  readonly dataset: string;
  readonly images: number;
  /** The first of them. */
  readonly example: string;
}

/** A dataset as the run saw it. */
export interface DatasetSummary {
  /** `select`: parameters were chosen on it. */
  readonly roles: readonly ('id' | 'fit' | 'ood' | 'select')[];
  /** Listed images, including unreadable ones. */
  readonly images: number;
  readonly unreadable: readonly UnreadableImage[];
  /** SHA-256 over the content of all images in order, hexadecimal. */
  readonly fingerprint: string;
  /**
   * For a set that detectors learnt from or that parameters were chosen on, a .npy file of the run folder: uint8 (images, 6), the first
   * bytes of the SHA-256 of each readable image, ascending. Absent for other sets, for generated sets, and in older runs.
   */
  readonly contents?: string;
}

/** A detector without scores, or (OOD_METRIC_FAILED) one that a metric failed on. */
export interface FailedDetector {
  readonly detector: string;
  /** A code of docs/errors.md. */
  readonly code: string;
  readonly message: string;
}

/** CPU time per image, in microseconds, measured on the CPU if the run was asked to. */
export interface RunCosts {
  /** From pixels to features; absent if features are given. */
  readonly backbone?: number;
  /** Each detector alone: on stored rows, or, if its score depends on the image, including its passes through the network. */
  readonly detectors: Readonly<Record<string, number>>;
}

/** An ID class that a detector rejects more often than by chance. */
export interface RejectedClass {
  /** The class index, 0..K−1. */
  readonly class: number;
  /** The number of its images with a score at or below the threshold. */
  readonly rejected: number;
  /** The number of its labelled ID images. */
  readonly images: number;
  /** The interval of the rejected share. */
  readonly interval: Interval;
  /** The probability of at least this many rejections if this class is rejected as often as all labelled ID images. */
  readonly p: number;
  /** The expected number of tested classes with such a result by chance alone, if each had as many images: the number of classes times `p`. */
  readonly byChance: number;
}

/** The ID classes that a detector rejects more often than by chance, at its threshold. */
export interface ClassesRejected {
  /** The rejected share of all labelled ID images, which classes are compared with. */
  readonly share: number;
  /** The number of classes tested: those with at least one labelled ID image. */
  readonly tested: number;
  /**
   * The classes whose p, adjusted by Benjamini and Hochberg for all classes tested, is 0.05 or less; the smallest p first. On average at
   * most one in 20 of them is listed wrongly.
   */
  readonly named: readonly RejectedClass[];
}

/** How images were resampled: each set separately, with replacement; the ID images once for all sets and detectors. */
export interface ImageDraws {
  readonly seed: number;
  /** The number of draws of each metric; metrics that need none are absent. */
  readonly count: Readonly<Record<string, number>>;
}

/** The point of a detector's sweep that was chosen, and on which data. */
export interface ChosenParameters {
  /** The name of the chosen point in `results`. */
  readonly row: string;
  /** The chosen values by part and parameter, such as `energy.temperature`. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The metric it was chosen by, averaged over the OOD sets. */
  readonly by: string;
  readonly id: readonly string[];
  readonly ood: readonly string[];
  /** All points of the sweep with their metric values; null if a point failed. */
  readonly points: readonly { readonly values: Readonly<Record<string, unknown>>; readonly value: number | null }[];
  /** How many points were equally good, so that the data did not decide; absent if one was best. */
  readonly tied?: number;
  /** Those of these sets that detectors are also tested on; absent if there are none. */
  readonly testSets?: readonly string[];
  /** How many points were evaluated on such sets without their own row in the results; absent if none. */
  readonly unshown?: number;
}

/** The content of results.json: a documented, versioned contract. */
export interface RunResults {
  /** Version 1 has no groups in `results`, version 2 no intervals; everything else is as in 3. */
  readonly schemaVersion: 1 | 2 | typeof resultsSchemaVersion;
  readonly name: string;
  /** The experiment as resolved: variables substituted, defaults filled in. */
  readonly experiment: unknown;
  /** The environment variables that the experiment read, with their values; absent in older runs. */
  readonly variables?: Readonly<Record<string, string>>;
  /** The versions of node, farout, onnxruntime and sharp that produced the numbers. */
  readonly versions: Readonly<Record<string, string>>;
  /**
   * SHA-256 of the resolved experiment, of the backbone's graph from pixels to features with its weights, of its last layer, and, by name,
   * of the files that the network was read from; the last is absent in older runs.
   */
  readonly hashes: {
    readonly experiment: string;
    readonly backbone: string;
    readonly head?: string;
    readonly weights?: Readonly<Record<string, string>>;
  };
  readonly device: string;
  readonly datasets: Readonly<Record<string, DatasetSummary>>;
  /** The family of each detector, if its parts declare one: that of its first hook, or of its scorer if it has no hooks. Absent in older runs. */
  readonly families?: Readonly<Record<string, Family>>;
  /** The OOD sets of each group, by the name of their mean in `results`; absent if the experiment has no groups. */
  readonly groups?: SetGroups;
  /** Images that sets have in common, compared by content; absent in older runs. */
  readonly overlaps?: readonly Overlap[];
  /** Images that a set contains more than once; absent in older runs. */
  readonly duplicates?: readonly Duplicates[];
  /** The names of the network's classes, in its numbering; absent if no dataset gives them. */
  readonly classes?: readonly string[];
  /** The share of labelled ID images whose largest logit, without hooks, is that of their class; null if none is labelled. */
  readonly accuracy: number | null;
  /** The Wilson interval of the accuracy; absent in older runs and if no image is labelled. */
  readonly accuracyInterval?: Interval;
  /** The number of readable ID images with a label; absent in older runs. */
  readonly labelled?: number;
  /** What readers of the numbers must know, one sentence each; absent in older runs. */
  readonly remarks?: readonly string[];
  /** What each detector's parts learnt: float64 scalars directly, everything else by shape and file. */
  readonly fitted: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, FittedValue>>>>>>;
  /** For each detector, the score that about 95 % of the ID images exceed (`idThreshold95`): an image is ID if its score is greater. */
  readonly thresholds: Readonly<Record<string, number>>;
  /**
   * For each detector, the ID classes that it rejects more often than others. Absent in older runs, if the labelled ID images have fewer
   * than two classes, and if some of them share a source, which the test cannot account for.
   */
  readonly classesRejected?: Readonly<Record<string, ClassesRejected>>;
  readonly results: readonly MetricResult[];
  /** The standard errors of differences between detectors; absent in older runs. */
  readonly paired?: readonly PairedErrors[];
  /** The detectors whose parameters were chosen from a sweep; absent if there are none, and in older runs. */
  readonly chosen?: Readonly<Record<string, ChosenParameters>>;
  /** The draws behind intervals and differences; absent in older runs. */
  readonly draws?: ImageDraws;
  /** Detectors that gave all images the same score: their metrics are meaningless and never count as best. */
  readonly constant: readonly string[];
  /**
   * Detectors that give many ID images exactly the score of their threshold, with the share of ID images that exceed it. For them, a metric
   * read at this threshold (`at95: 'id'`) is measured at this share, and never counts as best. Absent in older runs.
   */
  readonly tied?: Readonly<Record<string, number>>;
  /** What reports say about each metric, in the order of the tables; older runs have only name and direction. */
  readonly metrics: readonly MetricTraits[];
  readonly failed: readonly FailedDetector[];
  /** The number of images that this run read; the features of the others were in the store. */
  readonly imagesRead: number;
  /** The number of images decoded in each pass: one pass, or two if something depends on both an image and what was learnt. */
  readonly passes?: readonly number[];
  /** The cost of detectors per image; absent if the run was not asked to measure it. */
  readonly costs?: RunCosts;
  /** Wall-clock seconds of each stage. */
  readonly seconds: Readonly<Record<string, number>>;
  /** SHA-256 of the other files of the run, by their path in its folder; only these files may be replaced there. Absent in older runs. */
  readonly files?: Readonly<Record<string, string>>;
  /** SHA-256 of everything above, as JSON without white space; detects a changed file. */
  readonly sha256?: string;
}

/**
 * A learnt scalar; or the file of a learnt array in the run folder; or, for an array of more than 64 MB and for remembered rows, which only
 * the store has, their SHA-256 and the set they come from.
 */
export type FittedValue =
  | number
  | { readonly shape: readonly number[]; readonly file: string }
  | { readonly shape: readonly number[]; readonly sha256: string; readonly from: string };

/** The files of every run folder that are not written by reporters. */
export const runFiles = { results: 'results.json', scores: 'scores.csv', reportData: 'report-data.json' } as const;

/** How to render a file of the run folder. */
export interface RenderOptions {
  /** Whether it is for the user only: with this machine's paths and the values of environment variables. */
  readonly full: boolean;
  /**
   * Caches a text that is slow to make, such as a drawing: returns the text that the same code made from the same content before, or calls
   * `make` and keeps the result. The content is plain data whose JSON must determine the whole text. Cached texts may come from a store
   * that others write to. Absent if nothing can be cached.
   */
  readonly kept?: (content: unknown, make: () => string | Promise<string>) => Promise<string>;
}

/** Renders the results of a run as a file of the run folder. */
export interface Reporter {
  /** Its name in lists. */
  readonly name: string;
  /** Its description in lists. */
  readonly about?: About;
  /** The file's name in the run folder, such as `table.md`. */
  readonly file: string;
  /** Renders it from nothing but the results and the data, so that `farout report` can reproduce it at any time, byte by byte. */
  readonly render: (results: RunResults, data: ReportData, options: RenderOptions) => string | Promise<string>;
}

/** Types a reporter. See `Reporter`. */
export const defineReporter = (definition: Reporter): Reporter => definition;
