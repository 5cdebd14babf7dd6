import { OodkitError, OodkitErrors, type TraceablePart } from '@oodkit/core';
import { TensorError } from '@oodkit/tensor';
import type { Detector, Experiment, Part } from './experiment.ts';
import { openBackbone, type OpenedBackbone } from './prepare/open-backbone.ts';
import { openDatasets } from './prepare/open-datasets.ts';
import { traceDetector } from './score/score-graph.ts';

/** What an experiment would work on. */
export interface CheckSummary {
  /** Images listed, by dataset. */
  readonly images: Readonly<Record<string, number>>;
  /** K, classes of the backbone. */
  readonly classes: number;
  /** D, features of an image. */
  readonly featureWidth: number;
}

/**
 * Opens all that an experiment names without reading an image: the checkpoint's parameters fit the network, the datasets
 * have images, detectors fit the network (those that learn are known only once they have learnt).
 */
export async function checkExperiment(experiment: Experiment): Promise<CheckSummary> {
  const errors: OodkitError[] = [];
  const datasets = await gather(errors, () => openDatasets(experiment));
  const backbone = await gather(errors, () => openBackbone(experiment));
  for (const detector of experiment.detectors) {
    if (backbone) await gather(errors, () => checkDetector(detector, backbone));
  }
  OodkitErrors.throwIfAny(errors);
  return {
    images: Object.fromEntries([...datasets!].map(([name, { images }]) => [name, images.length])),
    classes: backbone!.classes,
    featureWidth: backbone!.featureWidth,
  };
}

async function gather<T>(errors: OodkitError[], work: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof OodkitError)) throw error;
    errors.push(error);
    return undefined;
  }
}

function checkDetector({ name, hooks, scorer }: Detector, backbone: OpenedBackbone): void {
  if ([...hooks, scorer].some(learns)) return;
  try {
    traceDetector({ name, hooks: hooks.map(unfitted), scorer: unfitted(scorer) }, 0, backbone);
  } catch (error) {
    if (!(error instanceof TensorError)) throw error;
    throw new OodkitError('OOD_SHAPE', `the detector "${name}" does not fit the network: ${error.message}`, {
      place: scorer.place,
      cause: error,
    });
  }
}

const learns = ({ definition, params }: Detector['hooks'][number] | Detector['scorer']) =>
  definition.fit?.(params) !== undefined;

const unfitted = <D>({ definition, params }: Part<D>): TraceablePart<D> => ({ definition, params, learnt: {} });
