import { FaroutError, FaroutErrors, type Device, type SourcePlace } from '@farout/core';
import { judgedExperiment } from './choose/choose.ts';
import { refuseKnownLeaks, testedSets } from './choose/leak.ts';
import { findDevice } from './container.ts';
import { knownStepsOf, showsAll, stepsOf, type Detector, type Experiment } from './experiment.ts';
import { costOf, type Cost } from './extraction/cost.ts';
import type { Wanted } from './extraction/refused.ts';
import {
  featuresOf,
  featuresWhat,
  readingGraph,
  uniqueReadings,
  type GraphParts,
  type Reading,
} from './extraction/graphs.ts';
import type { ListedDataset } from './extraction/look-up.ts';
import { refuseMemorising } from './extraction/overlaps.ts';
import { Preparation, setsOfStep, type Demand } from './fit/preparation.ts';
import { refuseUnlabelled } from './fit/rows.ts';
import { wantedOf } from './prepare-detectors.ts';
import { atPlace, failureOf } from './plugins/failure.ts';
import { openBackbone, withGiven, type OpenedBackbone } from './prepare/backbone.ts';
import { compareOutput } from './prepare/compare-output.ts';
import {
  knownOverlaps,
  notesOn,
  openDatasets,
  refuseForeignLabels,
  refuseOtherInputs,
  type KnownOverlaps,
} from './prepare/datasets.ts';
import { withMadeListings } from './prepare/made-sets.ts';
import { ForeignFiles, tryGraph } from './extraction/trials.ts';

/** What an experiment would work on. */
export interface CheckSummary {
  /** Number of images listed, by dataset. */
  readonly images: Readonly<Record<string, number>>;
  /** K, the number of classes of the backbone. */
  readonly classes: number;
  /** D, the number of features of an image. */
  readonly featureWidth: number;
  /** The device that networks run on here. */
  readonly device: Device;
  /** What a run would leave in an empty store, and how often it would read the images. */
  readonly cost: Cost & { readonly passes: 1 | 2 };
  /** The cost of choosing parameters before that; absent if nothing is chosen. */
  readonly choice?: ChoiceCost;
  /** What the user should know about the backbone and the datasets, one sentence each. */
  readonly notes: readonly string[];
  /** Images that sets have in common, and how many could not be compared by content without reading them. */
  readonly common: KnownOverlaps;
}

/** What is read to choose parameters, with an empty store. */
interface ChoiceCost {
  /** Number of sweep points to judge, and of the detectors they belong to. */
  readonly points: number;
  readonly detectors: number;
  /** Number of images that points are judged on, and how many of them are generated. */
  readonly images: number;
  readonly made: number;
  /** How often each is read. */
  readonly passes: 1 | 2;
}

/**
 * Opens everything that an experiment names and checks it: the checkpoint's parameters fit the network, the datasets
 * have images, detectors fit the network (scorers that learn can be checked only once they have learnt), the device
 * works, and graphs over images run there as they will in the run. Reads no images, except the first two of each set
 * if a network from an ONNX file is compared with that file.
 */
export async function checkExperiment(experiment: Experiment): Promise<CheckSummary> {
  const errors: FaroutError[] = [];
  const { datasets, backbone } = await openAll(experiment, errors);
  const device = await gather(errors, () => findDevice(experiment));
  const declared = backbone && (await checkGraphs(backbone, { experiment, device, place: backbone.place }, errors));
  const common = datasets && (await gather(errors, () => compareSets(experiment, datasets)));
  FaroutErrors.throwIfAny(errors);
  return {
    images: Object.fromEntries([...datasets!].map(([name, { images }]) => [name, images.length])),
    classes: backbone!.classes,
    featureWidth: backbone!.featureWidth,
    device: device!,
    cost: await costOfAll(experiment, declared!, datasets!),
    ...choiceOf(experiment, declared!, datasets!),
    notes: [...(backbone!.weights === undefined ? [] : [backbone!.weights]), ...backbone!.notes, ...notesOn(datasets!)],
    common: common!,
  };
}

/** Runs all graphs over images, as workers will. Returns what detectors want of images, as far as it is known. */
async function checkGraphs(
  backbone: OpenedBackbone,
  pass: Parameters<typeof checkGraph>[2],
  errors: FaroutError[],
): Promise<Declared> {
  const isGiven = backbone.images.given !== undefined;
  if (!isGiven && backbone.triedOn !== pass.device) {
    await gather(errors, () => checkGraph('the network', backbone.graph, pass));
  }
  const features = {
    key: backbone.hash,
    what: featuresWhat,
    tensor: featuresOf(backbone.images),
    graph: 'forward',
  } as const;
  const all: Declared = { features, demands: new Map(), twice: new Set() };
  for (const detector of pass.experiment.detectors) {
    const { demands, passes } =
      (await gather(errors, () => declaredBy(detector, backbone, pass.experiment))) ?? nothing;
    all.demands.set(detector.name, demands);
    if (passes === 2) all.twice.add(detector.name);
    for (const kind of ['forward', 'image'] as const) {
      const own = demands.map(({ reading }) => reading).filter(({ graph }) => graph === kind);
      const { device } = pass;
      if (own.length === 0 || isGiven || device === undefined) continue;
      await gather(errors, () => checkGraph(`the detector "${detector.name}"`, readingGraph(own, device), pass));
    }
  }
  return all;
}

/** What is wanted of images, as far as it is known before anything is learnt. */
interface Declared {
  readonly features: Reading;
  /** By the detector's name. */
  readonly demands: Map<string, readonly Demand[]>;
  /** The detectors that need a second pass. */
  readonly twice: Set<string>;
}

const nothing = { demands: [], passes: 1 } as const;

async function costOfAll(
  experiment: Experiment,
  { features, demands, twice }: Declared,
  datasets: ReadonlyMap<string, ListedDataset>,
): Promise<CheckSummary['cost']> {
  const wantedBy = (stage: Experiment, names: readonly string[]) => {
    const own = stage.detectors.flatMap(({ name }) => demands.get(name) ?? []);
    const sets = new Map([...datasets].filter(([name]) => names.includes(name)));
    return [...wantedOf(stage, sets, { features, demands: own })];
  };
  const stages = experiment.backbone.definition.over ? [] : stagesOf(experiment);
  const wanted = merged(stages.flatMap((stage) => wantedBy(stage, testedSets(stage))));
  return { ...(await costOf(wanted.values(), experiment)), passes: twice.size > 0 ? 2 : 1 };
}

function choiceOf(
  experiment: Experiment,
  { twice }: Declared,
  opened: ReadonlyMap<string, ListedDataset>,
): Pick<CheckSummary, 'choice'> {
  const { select, datasets } = experiment;
  if (!select) return {};
  const points = judgedExperiment(experiment, select).detectors;
  const count = (names: readonly string[]) => names.reduce((sum, name) => sum + opened.get(name)!.images.length, 0);
  return {
    choice: {
      points: points.length,
      detectors: new Set(points.map(({ point }) => point!.of)).size,
      images: count([...select.id, ...select.ood]),
      made: count(select.ood.filter((name) => !datasets.has(name))),
      passes: points.some(({ name }) => twice.has(name)) ? 2 : 1,
    },
  };
}

/**
 * The stages of a run: choosing parameters, and the test. In the test, a sweep that shows only the chosen point is
 * represented by any one point.
 */
export function stagesOf(experiment: Experiment): readonly Experiment[] {
  const { select, detectors } = experiment;
  if (!select) return [experiment];
  const isFirst = ({ name, point }: Detector) => detectors.find((each) => each.point?.of === point!.of)!.name === name;
  const tested = detectors.filter((each) => !each.point || showsAll(each.point.of, select) || isFirst(each));
  return [judgedExperiment(experiment, select), { ...experiment, detectors: tested }];
}

/** What is wanted of each dataset, over all stages. */
export function merged(all: readonly (readonly [string, Wanted])[]): ReadonlyMap<string, Wanted> {
  const together = new Map<string, Wanted>();
  for (const [name, { dataset, readings }] of all) {
    const former = together.get(name)?.readings ?? [];
    together.set(name, { dataset, readings: uniqueReadings([...former, ...readings]) });
  }
  return together;
}

async function openAll(experiment: Experiment, errors: FaroutError[]) {
  const files = new ForeignFiles();
  try {
    const brought = await gather(errors, () => openDatasets(experiment));
    const backbone = await gather(errors, () => openBackbone(experiment, files));
    if (brought && backbone) await gather(errors, () => refuseForeignLabels(experiment, brought, backbone.classes));
    if (brought) await gather(errors, () => refuseMissingLabels(experiment, brought));
    if (brought && backbone) await gather(errors, () => refuseOtherInputs(experiment, brought, backbone.featureWidth));
    if (backbone) await gather(errors, () => compareOutput(experiment, backbone, files, brought));
    const datasets = brought && withMadeListings(experiment, brought);
    return { datasets, backbone: backbone && withGiven(backbone, datasets ?? new Map()) };
  } finally {
    await files.close();
  }
}

/** @throws FaroutErrors OOD_MISSING_LABELS at each part that learns from labels that a set does not have. */
async function refuseMissingLabels(
  { detectors, fit }: Experiment,
  datasets: ReadonlyMap<string, ListedDataset>,
): Promise<void> {
  const errors: FaroutError[] = [];
  for (const part of detectors.flatMap(({ hooks, scorer }) => [...hooks, scorer])) {
    const steps = knownStepsOf(part).filter(({ reads }) => reads.includes('labels'));
    for (const name of new Set(steps.flatMap((step) => setsOfStep(step, { set: part.fit ?? fit })))) {
      const images = datasets.get(name)?.images ?? [];
      await gather(errors, () => atPlace(part.place, () => refuseUnlabelled(images, `the fit set "${name}"`)));
    }
  }
  FaroutErrors.throwIfAny(errors);
}

async function compareSets(experiment: Experiment, datasets: ReadonlyMap<string, ListedDataset>) {
  const common = await knownOverlaps(experiment, datasets);
  refuseMemorising(experiment, common);
  await refuseKnownLeaks(experiment, datasets);
  return common;
}

async function gather<T>(errors: FaroutError[], work: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FaroutError || error instanceof FaroutErrors)) throw error;
    errors.push(...(error instanceof FaroutErrors ? error.errors : [error]));
    return undefined;
  }
}

/**
 * What a detector wants of images, as far as it is known before anything is learnt; hooks that have yet to learn are
 * left out. Two passes are needed if some of it cannot be read in the first, or if more depends on what is learnt.
 */
function declaredBy(
  { name, hooks, scorer }: Detector,
  backbone: OpenedBackbone,
  experiment: Experiment,
): { readonly demands: readonly Demand[]; readonly passes: 1 | 2 } {
  const { allowLargeReadings } = experiment;
  const network = { ...backbone, keyOf: (hash: string) => hash, allowLargeReadings };
  try {
    const known = hooks.filter((hook) => stepsOf(hook).length === 0);
    const demands = new Preparation({ name, hooks: known, scorer }, network, experiment.fit).declare();
    const whole = new Preparation({ name, hooks, scorer }, network, experiment.fit);
    const isMore = whole.declare().length < demands.length || whole.wantsMoreOnceLearnt;
    return { demands, passes: isMore ? 2 : 1 };
  } catch (error) {
    throw detectorError(name, scorer.place, error);
  }
}

/** Any error of a detector while it is built is its plugin's fault, and is reported at its place in the experiment. */
function detectorError(name: string, place: SourcePlace, error: unknown): FaroutError {
  if (error instanceof FaroutError && error.place) return error;
  const { code, message, fix } = failureOf(error);
  const details = { place, cause: error, ...(fix !== undefined && { fix }) };
  return new FaroutError(code, `the detector "${name}" cannot be built: ${message}`, details);
}

/** What graphs are run with, and where the experiment names the network's file. */
interface Pass {
  readonly experiment: Experiment;
  readonly device: Device | undefined;
  readonly place: SourcePlace;
}

/** Runs a graph over images as workers will. */
async function checkGraph(what: string, graph: GraphParts, { experiment, device, place }: Pass): Promise<void> {
  if (device === undefined) return;
  const { devicePlace, backbone } = experiment;
  await atPlace(device === 'cpu' ? place : devicePlace, () => tryGraph(what, graph, backbone.params.crop, device));
}
