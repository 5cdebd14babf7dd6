import type { Manifest } from '@farout/acquire/manifests';
import type {
  BackboneDefinition,
  DatasetDefinition,
  DeviceChoice,
  Fit,
  HookDefinition,
  ImageRecipe,
  MetricDefinition,
  ReportSectionDefinition,
  ScorerDefinition,
  SetGroups,
  SourcePlace,
} from '@farout/core';
import type { PageMaker } from './plugins/catalogue.ts';

/**
 * A part of a dataset's images. One of so many, by their order; or a share of them, drawn by seed and name, so that each
 * image falls where it does whatever others come: the images whose number in 0..1 lies from `from` to `from + share`; or so many
 * of each class, those with the lowest of these numbers.
 */
export type Split =
  | { readonly every: number; readonly offset: number }
  | { readonly share: number; readonly from: number; readonly seed: number }
  | { readonly perClass: number; readonly seed: number; readonly rest?: boolean };

/** The images that a text file names, one a line, or those that it does not name. */
export interface ListedSplit {
  /** Absolute. */
  readonly list: string;
  readonly rest?: boolean;
}

/** A part that the experiment names, found in the catalogue, with its parameters checked and its defaults filled in. */
export interface Part<Definition, Params = Readonly<Record<string, unknown>>> {
  readonly definition: Definition;
  readonly params: Params;
  /** The plugin that brings it, with its version: `@farout/scorers 0.1.0`, or a local file with its SHA-256. */
  readonly origin: string;
  /** SHA-256 of all code of that plugin; absent for a part that no plugin brought. */
  readonly code?: () => string;
  /** Which of its images a dataset is; absent where it is all of them, and for other parts. */
  readonly split?: Split | ListedSplit;
  /** The dataset that the part learns from, where it names one of its own; else it is the experiment's `fit`. */
  readonly fit?: string;
  /** The manifest of a backbone's weights, where the experiment names no others. */
  readonly published?: Manifest;
  /** Where the part is named in the experiment. */
  readonly place: SourcePlace;
  /** Where a parameter of it stands; the part's own place when it is not written down. */
  readonly placeOf: (parameter: string) => SourcePlace;
}

/** Zero or more hooks in the order they apply, and one scorer. */
export interface Detector {
  /** What tables call it. */
  readonly name: string;
  readonly hooks: readonly Part<HookDefinition>[];
  readonly scorer: Part<ScorerDefinition>;
  /** Which detector it is once more, with another seed; absent where it has its own name and the experiment's seed. */
  readonly again?: { readonly of: string; readonly seed: number };
  /** Which point of a sweep it is; absent where the experiment gives each of its parameters one value. */
  readonly point?: SweepPoint;
}

/** A detector of the experiment with one value for each parameter of which that lists several. */
export interface SweepPoint {
  /** What the experiment calls the detector. */
  readonly of: string;
  readonly values: readonly SweptValue[];
}

/** The value that a point of a sweep gives a parameter. */
export interface SweptValue {
  /** Which part of the detector the parameter is of, counted from 0. */
  readonly part: number;
  readonly parameter: string;
  /** What results call the parameter: `react.percentile`. */
  readonly label: string;
  readonly value: unknown;
}

/** A value as names of rows and sentences have it. */
export function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What the detectors are called that the experiment tests: of a sweep whose points are chosen among, the chosen one is called as a whole. */
export const rowNames = ({ detectors, select }: Pick<Experiment, 'detectors' | 'select'>): readonly string[] => [
  ...new Set(detectors.map(({ name, point }) => (point && !showsAll(point.of, select) ? point.of : name))),
];

type LearningPart = Part<HookDefinition> | Part<ScorerDefinition>;

/** How a hook or a scorer learns, step by step; no step where there is nothing to learn. */
export function stepsOf({ definition, params }: Pick<LearningPart, 'definition' | 'params'>): readonly Fit[] {
  const fit = definition.fit?.(params);
  if (!fit) return [];
  return 'learn' in fit ? [fit] : fit;
}

/** The same; none of a part that throws when it is asked: what it throws is told where it is prepared. */
export function knownStepsOf(part: Pick<LearningPart, 'definition' | 'params'>): readonly Fit[] {
  try {
    return stepsOf(part);
  } catch {
    return [];
  }
}

/** The sets that a part learns from, by name, step by step: its own, and those that its steps name. */
export const setsOf = (part: LearningPart, fit: string | undefined): readonly string[] =>
  knownStepsOf(part).flatMap(({ set, against }) => [set ?? part.fit ?? fit, against].filter(isNamed));

const isNamed = (name: string | undefined) => name !== undefined;

/** The sets that parts of an experiment learn from, by name. */
export const fitSetsOf = ({ fit, detectors }: Pick<Experiment, 'fit' | 'detectors'>): readonly string[] => [
  ...new Set([fit, ...partsOf(detectors).flatMap((part) => setsOf(part, fit))].filter(isNamed)),
];

/**
 * The sets whose labels count the classes of the network: those in distribution, those learnt from, and those that a step learns
 * against and reads labels of; nobody reads the others'.
 */
export const labelledSetsOf = ({
  id,
  fit,
  detectors,
}: Pick<Experiment, 'id' | 'fit' | 'detectors'>): readonly string[] => {
  const learnt = partsOf(detectors).flatMap((part) =>
    knownStepsOf(part).flatMap(({ set, against, reads }) => [
      set ?? part.fit ?? fit,
      ...(reads.includes('labels') ? [against] : []),
    ]),
  );
  return [...new Set([...id, fit, ...learnt].filter(isNamed))];
};

const partsOf = (detectors: readonly Detector[]): readonly LearningPart[] =>
  detectors.flatMap(({ hooks, scorer }) => [...hooks, scorer]);

/** A metric as the experiment asks for it: the definition, or one made of it with the name that results call it by. */
export interface MeasuredMetric extends MetricDefinition {
  /** How many OOD images there are to an ID image, by weight, and what the metric is called without it; absent where each image weighs 1. */
  readonly ratio?: { readonly of: string; readonly value: number };
}

/** What OOD sets are called that are made, so that nobody need have their images. */
export const madeSets = ['gaussian noise', 'uniform noise', 'shuffled patches'] as const;

export type MadeSet = (typeof madeSets)[number];

/** Whether a name is that of such a set, where no dataset has it. */
export const isMadeSet = (name: string): name is MadeSet => (madeSets as readonly string[]).includes(name);

/** How the points of sweeps are chosen among: by a metric, on data that no detector is tested on. */
export interface Selection {
  readonly by: MeasuredMetric;
  /** Datasets in distribution, as one set. */
  readonly id: readonly string[];
  /** Datasets out of distribution, and sets that are made. */
  readonly ood: readonly string[];
  /** Whether the chosen point alone is tested, or all are: for every detector, or by name, where the others have `chosen`. */
  readonly show: ShownPoints | Readonly<Record<string, ShownPoints>>;
  /** Whether the experiment insists on sets that detectors are tested on. */
  readonly allowTestSets: boolean;
  /** Where the experiment asks for it. */
  readonly place: SourcePlace;
}

/** Which points of a sweep are tested: the chosen one alone, or all of them. */
type ShownPoints = 'chosen' | 'all';

/** Whether all points of a detector have a row: also where nothing is chosen. */
export const showsAll = (detector: string, select: Pick<Selection, 'show'> | undefined): boolean => {
  const { show = 'all' } = select ?? {};
  return (typeof show === 'string' ? show : show[detector]) === 'all';
};

/** Numbers that others have published, by detector, OOD set (or group, or "average") and metric. */
export type PublishedNumbers = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;

/** A checked experiment: every name is resolved, every parameter valid, every path absolute. Nothing was opened yet. */
export interface Experiment {
  /** Absolute path of the YAML file. */
  readonly file: string;
  readonly name: string;
  readonly seed: number;
  /** With how many seeds detectors are run whose parts draw; one when absent. */
  readonly seeds?: number;
  /** What it asks for; a run finds out what that is on its machine (`Services.device`). */
  readonly device: DeviceChoice;
  /** Where it asks for it. */
  readonly devicePlace: SourcePlace;
  readonly backbone: Part<BackboneDefinition, ImageRecipe & Readonly<Record<string, unknown>>>;
  /** The datasets that have a role, by name. */
  readonly datasets: ReadonlyMap<string, Part<DatasetDefinition>>;
  /** The datasets in distribution: their images count as those of one set, in order. */
  readonly id: readonly string[];
  /** The dataset that detectors learn from; undefined when the experiment names none. */
  readonly fit: string | undefined;
  /** Datasets out of distribution, and sets that are made. */
  readonly ood: readonly string[];
  /** Which of the OOD sets are averaged by themselves too; empty when the experiment names no groups. */
  readonly groups: SetGroups;
  /** Each point of a sweep is one. */
  readonly detectors: readonly Detector[];
  /** Absent where all points of sweeps are tested. */
  readonly select?: Selection;
  readonly metrics: readonly MeasuredMetric[];
  /** URLs of modules whose plugins bring metrics, by the metric's name, as far as they are known. */
  readonly metricModules?: ReadonlyMap<string, string>;
  /** Published fractions: detector → OOD set, group or "average" → metric → number. */
  readonly published: PublishedNumbers;
  readonly onUnreadable: 'skip' | 'fail';
  /** Whether it insists on parts that memorise images where the fit set shares some with another set. */
  readonly allowOverlap: boolean;
  /** Whether more than 64 KB of an image may be kept for a detector. */
  readonly allowLargeReadings: boolean;
  /** Absolute folder of the store, or an address that a plugin serves; undefined = the user's cache folder. */
  readonly store: string | undefined;
  /** The sections that plugins add to the report. */
  readonly sections: readonly ReportSectionDefinition[];
  /** What makes the files of the run folder that are there to be looked at. */
  readonly reporters: readonly PageMaker[];
  /** What the plugins put in the place of the runner's services, by token. */
  readonly services: ReadonlyMap<symbol, () => unknown>;
  /** The environment variables that it read, with their values; absent when an experiment was not loaded from a file. */
  readonly variables?: Readonly<Record<string, string>>;
  /** SHA-256 of its file, those it extends and its overrides, as they are written: the same on every machine. Absent where it was not loaded from a file. */
  readonly written?: string;
  /** The experiment as plain data: variables substituted, overrides applied, defaults filled in. */
  readonly resolved: unknown;
}
