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
 * A part of a dataset's images. `every`: every n-th image, in order. `share`: a share drawn by seed and name, so that
 * adding or removing other images changes nothing: the images whose number in 0..1 lies between `from` and
 * `from + share`. `perClass`: this many images of each class, those with the lowest numbers.
 */
export type Split =
  | { readonly every: number; readonly offset: number }
  | { readonly share: number; readonly from: number; readonly seed: number }
  | { readonly perClass: number; readonly seed: number; readonly rest?: boolean };

/** The images named in a text file, one per line; with `rest`, those it does not name. */
export interface ListedSplit {
  /** Absolute. */
  readonly list: string;
  readonly rest?: boolean;
}

/** A part named by the experiment and found in the catalogue, with its parameters checked and defaults filled in. */
export interface Part<Definition, Params = Readonly<Record<string, unknown>>> {
  readonly definition: Definition;
  readonly params: Params;
  /** The plugin that provides it, with its version: `@farout/scorers 0.1.0`, or a local file with its SHA-256. */
  readonly origin: string;
  /** SHA-256 of all code of that plugin; absent for a part that no plugin provides. */
  readonly code?: () => string;
  /** Which of its images a dataset uses; absent if all, and for other kinds of parts. */
  readonly split?: Split | ListedSplit;
  /** The dataset that the part learns from, if it names its own; otherwise it is the experiment's `fit`. */
  readonly fit?: string;
  /** The manifest of a backbone's published weights, if the experiment names no others. */
  readonly published?: Manifest;
  /** Where the experiment names the part. */
  readonly place: SourcePlace;
  /** The place of a parameter; the part's own place if the parameter is not written. */
  readonly placeOf: (parameter: string) => SourcePlace;
}

/** Zero or more hooks in the order they apply, and one scorer. */
export interface Detector {
  /** Its name in tables. */
  readonly name: string;
  readonly hooks: readonly Part<HookDefinition>[];
  readonly scorer: Part<ScorerDefinition>;
  /** For a copy with another seed: the detector it repeats, and the seed; absent for the original. */
  readonly again?: { readonly of: string; readonly seed: number };
  /** Which point of a sweep it is; absent if each of its parameters has a single value. */
  readonly point?: SweepPoint;
}

/** A detector of the experiment with one value for each swept parameter. */
export interface SweepPoint {
  /** The detector's name in the experiment. */
  readonly of: string;
  readonly values: readonly SweptValue[];
}

/** The value of a parameter at a point of a sweep. */
export interface SweptValue {
  /** Index of the parameter's part in the detector, from 0. */
  readonly part: number;
  readonly parameter: string;
  /** The parameter's name in results: `react.percentile`. */
  readonly label: string;
  readonly value: unknown;
}

/** A value as shown in the names of rows and in sentences. */
export function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The names of the detectors that are tested. The chosen point of a sweep has the name of the whole detector. */
export const rowNames = ({ detectors, select }: Pick<Experiment, 'detectors' | 'select'>): readonly string[] => [
  ...new Set(detectors.map(({ name, point }) => (point && !showsAll(point.of, select) ? point.of : name))),
];

type LearningPart = Part<HookDefinition> | Part<ScorerDefinition>;

/** How a hook or scorer learns, step by step; empty if it learns nothing. */
export function stepsOf({ definition, params }: Pick<LearningPart, 'definition' | 'params'>): readonly Fit[] {
  const fit = definition.fit?.(params);
  if (!fit) return [];
  return 'learn' in fit ? [fit] : fit;
}

/** The same, but empty for a part that throws when asked; its error is reported when the part is prepared. */
export function knownStepsOf(part: Pick<LearningPart, 'definition' | 'params'>): readonly Fit[] {
  try {
    return stepsOf(part);
  } catch {
    return [];
  }
}

/** The names of the sets that a part learns from, step by step: its own, and those that its steps name. */
export const setsOf = (part: LearningPart, fit: string | undefined): readonly string[] =>
  knownStepsOf(part).flatMap(({ set, against }) => [set ?? part.fit ?? fit, against].filter(isNamed));

const isNamed = (name: string | undefined) => name !== undefined;

/** The names of the sets that parts of an experiment learn from. */
export const fitSetsOf = ({ fit, detectors }: Pick<Experiment, 'fit' | 'detectors'>): readonly string[] => [
  ...new Set([fit, ...partsOf(detectors).flatMap((part) => setsOf(part, fit))].filter(isNamed)),
];

/**
 * The sets whose labels are classes of the network: ID sets, sets learnt from, and sets that a step learns against
 * with their labels. Other sets' labels are not used.
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

/** A metric as the experiment asks for it: the definition itself, or a variant with its own name in results. */
export interface MeasuredMetric extends MetricDefinition {
  /** The number of OOD images per ID image, by weight, and the name of the original metric; absent if each image weighs 1. */
  readonly ratio?: { readonly of: string; readonly value: number };
}

/** The names of generated OOD sets, which require no image files. */
export const madeSets = ['gaussian noise', 'uniform noise', 'shuffled patches'] as const;

export type MadeSet = (typeof madeSets)[number];

/** Whether a name means such a set, unless a dataset has that name. */
export const isMadeSet = (name: string): name is MadeSet => (madeSets as readonly string[]).includes(name);

/** How points of sweeps are chosen: by a metric, on data that no detector is tested on. */
export interface Selection {
  readonly by: MeasuredMetric;
  /** In-distribution datasets, treated as one set. */
  readonly id: readonly string[];
  /** OOD datasets, and generated sets. */
  readonly ood: readonly string[];
  /** Whether only the chosen point is tested, or all: for every detector, or by name (`chosen` for those not named). */
  readonly show: ShownPoints | Readonly<Record<string, ShownPoints>>;
  /** Whether the experiment allows sets that detectors are also tested on. */
  readonly allowTestSets: boolean;
  /** Where the experiment asks for it. */
  readonly place: SourcePlace;
}

/** Which points of a sweep are tested: only the chosen one, or all. */
type ShownPoints = 'chosen' | 'all';

/** Whether all points of a detector have a row; also true if nothing is chosen. */
export const showsAll = (detector: string, select: Pick<Selection, 'show'> | undefined): boolean => {
  const { show = 'all' } = select ?? {};
  return (typeof show === 'string' ? show : show[detector]) === 'all';
};

/** Published numbers, by detector, OOD set (or group, or "average") and metric. */
export type PublishedNumbers = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;

/** A checked experiment: every name is resolved, every parameter valid, every path absolute. Nothing has been opened yet. */
export interface Experiment {
  /** Absolute path of the YAML file. */
  readonly file: string;
  readonly name: string;
  readonly seed: number;
  /** Number of seeds for detectors whose parts draw at random; default: one. */
  readonly seeds?: number;
  /** The device it asks for. What that means on a given machine is determined by the run (`Services.device`). */
  readonly device: DeviceChoice;
  /** Where it asks for it. */
  readonly devicePlace: SourcePlace;
  readonly backbone: Part<BackboneDefinition, ImageRecipe & Readonly<Record<string, unknown>>>;
  /** The datasets that have a role, by name. */
  readonly datasets: ReadonlyMap<string, Part<DatasetDefinition>>;
  /** The in-distribution datasets: their images are treated as one set, in order. */
  readonly id: readonly string[];
  /** The dataset that detectors learn from; undefined if the experiment names none. */
  readonly fit: string | undefined;
  /** OOD datasets, and generated sets. */
  readonly ood: readonly string[];
  /** Groups of OOD sets that are also averaged separately; empty if the experiment defines none. */
  readonly groups: SetGroups;
  /** Each point of a sweep is a separate detector. */
  readonly detectors: readonly Detector[];
  /** Absent if all points of sweeps are tested. */
  readonly select?: Selection;
  readonly metrics: readonly MeasuredMetric[];
  /** URLs of modules whose plugins provide metrics, by metric name, if known. */
  readonly metricModules?: ReadonlyMap<string, string>;
  /** Published fractions: detector → OOD set, group or "average" → metric → number. */
  readonly published: PublishedNumbers;
  readonly onUnreadable: 'skip' | 'fail';
  /** Whether parts that memorise images are allowed even if the fit set shares images with another set. */
  readonly allowOverlap: boolean;
  /** Whether more than 64 KB per image may be stored for a detector. */
  readonly allowLargeReadings: boolean;
  /** Absolute folder of the store, or an address that a plugin serves; undefined: the user's cache folder. */
  readonly store: string | undefined;
  /** The sections that plugins add to the report. */
  readonly sections: readonly ReportSectionDefinition[];
  /** The reporters, which generate the files of the run folder that people look at. */
  readonly reporters: readonly PageMaker[];
  /** Plugins' replacements for the runner's services, by token. */
  readonly services: ReadonlyMap<symbol, () => unknown>;
  /** The environment variables that it reads, with their values; absent if it was not loaded from a file. */
  readonly variables?: Readonly<Record<string, string>>;
  /** SHA-256 of its file, its bases and its overrides, as written: the same on every machine. Absent if it was not loaded from a file. */
  readonly written?: string;
  /** The experiment as plain data: variables substituted, overrides applied, defaults filled in. */
  readonly resolved: unknown;
}
