import type { Interval, MetricResult, MetricTraits, PairedErrors } from './contracts/evaluation.ts';
import type { About, Family } from './contracts/part.ts';
import type { ReportData } from './report-data.ts';

/** The version of the format of results.json; it changes when a reader of the former one would be misled. */
export const resultsSchemaVersion = 3;

/** How results and published numbers call the mean over all OOD sets. */
export const averageOfSets = 'average';

/** OOD sets over which results are averaged as well, by what results and published numbers call that mean. */
export type SetGroups = Readonly<Record<string, readonly string[]>>;

/** An image that was left out because it cannot be read. */
export interface UnreadableImage {
  readonly image: string;
  readonly reason: string;
  /**
   * It is no property of the image's bytes: a process was ended over it, memory was short, its file could not be read. The
   * next run tries it again. Absent where the bytes are no image that is read.
   */
  readonly cause?: 'machine';
}

/**
 * Images, by content, that two sets have in common: fit and ID, fit and OOD, or ID and OOD. The two may be one and the same,
 * where a dataset has both roles.
 */
export interface Overlap {
  readonly sets: readonly [OverlappingSet, OverlappingSet];
  /** How many images of the first are in the second. */
  readonly images: number;
  /** The first of them, as the first set calls it. */
  readonly example: string;
}

/** A dataset in the role in which it overlaps with another. */
export interface OverlappingSet {
  readonly dataset: string;
  readonly role: 'id' | 'fit' | 'ood';
}

/** Images of a dataset that are the same as an earlier one of it. */
export interface Duplicates {
  readonly dataset: string;
  readonly images: number;
  /** The first of them. */
  readonly example: string;
}

/** One dataset as the run saw it. */
export interface DatasetSummary {
  /** `select`: it chose parameters. */
  readonly roles: readonly ('id' | 'fit' | 'ood' | 'select')[];
  /** Images listed, the unreadable ones included. */
  readonly images: number;
  readonly unreadable: readonly UnreadableImage[];
  /** SHA-256 over the content of all images in order, hexadecimal. */
  readonly fingerprint: string;
  /**
   * Of a set that detectors learnt from or that chose parameters, a .npy file of the run folder: uint8 (images, 6), the first bytes of the
   * SHA-256 of each readable image, ascending. Absent for other sets, for sets that are made, and in older runs.
   */
  readonly contents?: string;
}

/** A detector that did not come to scores, or (OOD_METRIC_FAILED) that a metric could not measure. */
export interface FailedDetector {
  readonly detector: string;
  /** One of docs/errors.md. */
  readonly code: string;
  readonly message: string;
}

/** What an image takes, in microseconds of CPU, measured on the CPU by a run that was asked to. */
export interface RunCosts {
  /** From pixels to features; absent where features are given. */
  readonly backbone?: number;
  /** Each detector by itself: on stored rows, or, where its score is made of the image, all of it with its passes through the network. */
  readonly detectors: Readonly<Record<string, number>>;
}

/** A class in distribution that a detector rejects more often than chance. */
export interface RejectedClass {
  /** Its number, 0..K−1. */
  readonly class: number;
  /** How many of its images have a score at the threshold or below. */
  readonly rejected: number;
  /** How many labelled ID images it has. */
  readonly images: number;
  /** Of the share of its images that is rejected. */
  readonly interval: Interval;
  /** How probable so many or more are if this class is rejected as often as all labelled ID images are. */
  readonly p: number;
  /** How many of the classes tested chance alone would bring so far, if each had as many images: the number of classes times `p`. */
  readonly byChance: number;
}

/** Which classes in distribution a detector rejects more often than chance, at its threshold. */
export interface ClassesRejected {
  /** The share of all labelled ID images that is rejected: what classes are compared with. */
  readonly share: number;
  /** How many classes were tested: those that an ID image has for its label. */
  readonly tested: number;
  /**
   * Those whose p, adjusted after Benjamini and Hochberg for all classes tested, is 0.05 or less; the most improbable first. Of those
   * named, on average at most one in 20 is named wrongly.
   */
  readonly named: readonly RejectedClass[];
}

/** How images were drawn again: each set by itself, with replacement; the ID images once for all sets and detectors. */
export interface ImageDraws {
  readonly seed: number;
  /** How many draws each metric had; one that needs none is absent. */
  readonly count: Readonly<Record<string, number>>;
}

/** Which point of a detector's sweep was chosen, and on what. */
export interface ChosenParameters {
  /** What `results` calls the chosen point. */
  readonly row: string;
  /** The chosen values by part and parameter, such as `energy.temperature`. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The metric that chose, as a mean over the OOD sets. */
  readonly by: string;
  readonly id: readonly string[];
  readonly ood: readonly string[];
  /** All points of the sweep with what they were worth; null where a point failed. */
  readonly points: readonly { readonly values: Readonly<Record<string, unknown>>; readonly value: number | null }[];
  /** How many points were equally good, so that the data could not choose; absent where one was the best. */
  readonly tied?: number;
  /** The sets among them that detectors are tested on; absent where there is none. */
  readonly testSets?: readonly string[];
  /** How many points were judged on such sets without a row of their own; absent where none was. */
  readonly unshown?: number;
}

/** What results.json holds: a documented, versioned contract. */
export interface RunResults {
  /** In 1 `results` knew no groups, in 2 no intervals; all else is as in 3. */
  readonly schemaVersion: 1 | 2 | typeof resultsSchemaVersion;
  readonly name: string;
  /** The experiment as resolved: variables substituted, defaults filled in. */
  readonly experiment: unknown;
  /** The environment variables that the experiment read, with their values; absent in older runs. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Versions of node, farout, onnxruntime and sharp that made the numbers. */
  readonly versions: Readonly<Record<string, string>>;
  /**
   * SHA-256 of the experiment as resolved, of the backbone's graph from pixels to features with its weights, and of its last
   * layer and of the files that the network was read from, by their names, which older runs do not say.
   */
  readonly hashes: {
    readonly experiment: string;
    readonly backbone: string;
    readonly head?: string;
    readonly weights?: Readonly<Record<string, string>>;
  };
  readonly device: string;
  readonly datasets: Readonly<Record<string, DatasetSummary>>;
  /** What each detector looks at, as far as its parts say it: its first hook does, or its scorer where it has none. Absent in older runs. */
  readonly families?: Readonly<Record<string, Family>>;
  /** The OOD sets of each group, by which `results` calls their mean; absent where the experiment has no groups. */
  readonly groups?: SetGroups;
  /** Images that sets have in common, found by content; absent in older runs. */
  readonly overlaps?: readonly Overlap[];
  /** Images that a set holds more than once; absent in older runs. */
  readonly duplicates?: readonly Duplicates[];
  /** What the network's classes are called, in its numbering; absent where no dataset says so. */
  readonly classes?: readonly string[];
  /** Share of labelled ID images whose largest unhooked logit is their class; null when none is labelled. */
  readonly accuracy: number | null;
  /** Of the accuracy, by Wilson; absent in older runs and when no image is labelled. */
  readonly accuracyInterval?: Interval;
  /** How many readable ID images have a label; absent in older runs. */
  readonly labelled?: number;
  /** What the reader of the numbers must know, a sentence each; absent in older runs. */
  readonly remarks?: readonly string[];
  /** What each detector's parts learnt: float64 numbers as they are, all else by shape and file. */
  readonly fitted: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, FittedValue>>>>>>;
  /** For each detector the score above which about 95 % of the ID images lie (`idThreshold95`): an image is ID when it is greater. */
  readonly thresholds: Readonly<Record<string, number>>;
  /**
   * For each detector the classes in distribution that it rejects more often than others; absent in older runs, where the labelled ID
   * images are not of two classes or more, and where some of them are of one source, which no such test allows for.
   */
  readonly classesRejected?: Readonly<Record<string, ClassesRejected>>;
  readonly results: readonly MetricResult[];
  /** What differences between detectors vary by; absent in older runs. */
  readonly paired?: readonly PairedErrors[];
  /** The detectors whose parameters were chosen; absent where none were, and in older runs. */
  readonly chosen?: Readonly<Record<string, ChosenParameters>>;
  /** What intervals and differences were worked out from; absent in older runs. */
  readonly draws?: ImageDraws;
  /** Detectors that gave all images the same score: no metric of theirs says anything, and none counts as best. */
  readonly constant: readonly string[];
  /**
   * Detectors that give many ID images the very score of their threshold, with the share of ID images that exceed it. A metric
   * that is read at this threshold (`at95: 'id'`) is at this share for them, and none counts as best by it. Absent in older runs.
   */
  readonly tied?: Readonly<Record<string, number>>;
  /** What reports say of each metric, in the tables' order; older runs have but name and direction. */
  readonly metrics: readonly MetricTraits[];
  readonly failed: readonly FailedDetector[];
  /** How many images this run read; it found the others' features in the store. */
  readonly imagesRead: number;
  /** How many images each pass over them has decoded: one, or two where something depends on an image and on what was learnt. */
  readonly passes?: readonly number[];
  /** What detectors take an image; absent where the run was not asked to measure it. */
  readonly costs?: RunCosts;
  /** Wall-clock seconds of each stage. */
  readonly seconds: Readonly<Record<string, number>>;
  /** SHA-256 of the other files of the run, by their path in its folder: what may be replaced there. Older runs do not say it. */
  readonly files?: Readonly<Record<string, string>>;
  /** SHA-256 of all that is said above, as JSON without white space: a file that was changed is not taken for the run's. */
  readonly sha256?: string;
}

/**
 * A learnt scalar; where a learnt array lies in the run folder; or, of an array of more than 64 MB and of rows that a part remembers, which
 * only the store has, their SHA-256 and the set that they are from.
 */
export type FittedValue =
  | number
  | { readonly shape: readonly number[]; readonly file: string }
  | { readonly shape: readonly number[]; readonly sha256: string; readonly from: string };

/** The files that every run folder has, which no reporter writes. */
export const runFiles = { results: 'results.json', scores: 'scores.csv', reportData: 'report-data.json' } as const;

/** How a file of the run folder is made. */
export interface RenderOptions {
  /** Whether it is for the user's own eyes: with the paths of this machine and what environment variables said. */
  readonly full: boolean;
  /**
   * A text that takes long to make, such as a drawing: the one that the same code has made of the same content before, or what `make`
   * gives, which is kept for the next time. The content is plain data that decides the whole text: its JSON must say all of it. What
   * was kept may come from a store that others write to. Absent where nothing can be kept.
   */
  readonly kept?: (content: unknown, make: () => string | Promise<string>) => Promise<string>;
}

/** Turns what a run came to into a file of the run folder. */
export interface Reporter {
  /** What lists call it. */
  readonly name: string;
  /** What lists say of it. */
  readonly about?: About;
  /** The file's name in the run folder, such as `table.md`. */
  readonly file: string;
  /** Makes it of nothing but the results and the data: `farout report` makes it again at any time, to the byte. */
  readonly render: (results: RunResults, data: ReportData, options: RenderOptions) => string | Promise<string>;
}

/** Types a reporter. See `Reporter`. */
export const defineReporter = (definition: Reporter): Reporter => definition;
