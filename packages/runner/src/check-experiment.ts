import { FaroutError, FaroutErrors, type Device, type SourcePlace, type TraceablePart } from '@farout/core';
import { findDevice } from './container.ts';
import type { Detector, Experiment, Part } from './experiment.ts';
import { imageGraph, type GraphParts } from './extraction/graphs.ts';
import type { ListedDataset } from './extraction/look-up.ts';
import { refuseMemorising } from './extraction/overlaps.ts';
import { atPlace, failureOf } from './plugins/failure.ts';
import { openBackbone, type OpenedBackbone } from './prepare/backbone.ts';
import { compareOutput } from './prepare/compare-output.ts';
import { knownOverlaps, notesOn, openDatasets, refuseForeignLabels, type KnownOverlaps } from './prepare/datasets.ts';
import { ForeignFiles, tryGraph } from './prepare/trials.ts';
import { traceDetector } from './score/trace.ts';

/** What an experiment would work on. */
export interface CheckSummary {
  /** Images listed, by dataset. */
  readonly images: Readonly<Record<string, number>>;
  /** K, classes of the backbone. */
  readonly classes: number;
  /** D, features of an image. */
  readonly featureWidth: number;
  /** What networks run on here. */
  readonly device: Device;
  /** What the user should know of the backbone and the datasets, a sentence each. */
  readonly notes: readonly string[];
  /** Images that sets have in common, and how many could not be compared by content without reading them. */
  readonly common: KnownOverlaps;
}

/**
 * Opens all that an experiment names. It reads no image, but the first two of each set where a network out of an ONNX file is
 * compared with that file: the checkpoint's parameters fit the network, the datasets have images, detectors fit the network (scorers that learn are
 * known only once they have learnt), the device works, and what looks at images runs there as it will in the run.
 */
export async function checkExperiment(experiment: Experiment): Promise<CheckSummary> {
  const errors: FaroutError[] = [];
  const { datasets, backbone } = await openAll(experiment, errors);
  const device = await gather(errors, () => findDevice(experiment));
  if (backbone) await checkGraphs(backbone, { experiment, device, place: backbone.place }, errors);
  const common = datasets && (await gather(errors, () => compareSets(experiment, datasets)));
  FaroutErrors.throwIfAny(errors);
  return {
    images: Object.fromEntries([...datasets!].map(([name, { images }]) => [name, images.length])),
    classes: backbone!.classes,
    featureWidth: backbone!.featureWidth,
    device: device!,
    notes: [...backbone!.notes, ...notesOn(datasets!)],
    common: common!,
  };
}

/** Runs all graphs over images, as workers will. */
async function checkGraphs(backbone: OpenedBackbone, pass: Parameters<typeof checkGraph>[2], errors: FaroutError[]) {
  if (backbone.triedOn !== pass.device) {
    await gather(errors, () => checkGraph('the network', backbone.graph, pass));
  }
  for (const detector of pass.experiment.detectors) {
    const graph = await gather(errors, () => checkDetector(detector, backbone));
    if (graph) await gather(errors, () => checkGraph(`the detector "${detector.name}"`, graph, pass));
  }
}

async function openAll(experiment: Experiment, errors: FaroutError[]) {
  const files = new ForeignFiles();
  try {
    const datasets = await gather(errors, () => openDatasets(experiment));
    const backbone = await gather(errors, () => openBackbone(experiment, files));
    if (datasets && backbone) await gather(errors, () => refuseForeignLabels(experiment, datasets, backbone.classes));
    if (backbone) await gather(errors, () => compareOutput(experiment, backbone, files, datasets));
    return { datasets, backbone };
  } finally {
    await files.close();
  }
}

async function compareSets(experiment: Experiment, datasets: ReadonlyMap<string, ListedDataset>) {
  const common = await knownOverlaps(experiment, datasets);
  refuseMemorising(experiment, common);
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

/** Gives the graph of a detector that looks at images; hooks that have yet to learn are left out of it. */
function checkDetector({ name, hooks, scorer }: Detector, backbone: OpenedBackbone): GraphParts | undefined {
  if (learns(scorer)) return undefined;
  const known = hooks.filter((hook) => !learns(hook)).map(unfitted);
  try {
    const traced = traceDetector({ name, hooks: known, scorer: unfitted(scorer) }, 0, backbone);
    return 'onImages' in traced ? imageGraph(traced.onImages.unsqueeze([1])) : undefined;
  } catch (error) {
    throw detectorError(name, scorer.place, error);
  }
}

/** Whatever a detector throws while it is built: its plugin's fault, at its place in the experiment. */
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

const learns = ({ definition, params }: Detector['hooks'][number] | Detector['scorer']) =>
  definition.fit?.(params) !== undefined;

const unfitted = <D>({ definition, params }: Part<D>): TraceablePart<D> => ({ definition, params, learnt: {} });
