import type { Progress } from '@farout/core';
import { refuseKnownLeaks } from './choose/leak.ts';
import type { Experiment } from './experiment.ts';
import type { ListedDataset } from './extraction/look-up.ts';
import { ForeignFiles } from './extraction/trials.ts';
import { openBackbone, withGiven, type OpenedBackbone } from './prepare/backbone.ts';
import { compareOutput } from './prepare/compare-output.ts';
import { openDatasets, refuseForeignLabels, refuseOtherInputs } from './prepare/datasets.ts';
import { withMadeSets } from './prepare/made-sets.ts';

/** What an experiment works on. */
export interface OpenedExperiment {
  readonly backbone: OpenedBackbone;
  /** The datasets that have a role, and the generated ones, by name. */
  readonly datasets: ReadonlyMap<string, ListedDataset>;
}

/**
 * Opens the network and the datasets (by default by listing them), and checks that they fit each other. Shows
 * progress, because large networks take time.
 *
 * @throws FaroutError or FaroutErrors for what is wrong with the request
 */
export async function openExperiment(
  experiment: Experiment,
  progress: Progress,
  open: (experiment: Experiment) => Promise<ReadonlyMap<string, ListedDataset>> = openDatasets,
): Promise<OpenedExperiment> {
  const files = new ForeignFiles();
  progress.start(`Opening ${experiment.backbone.definition.name} and the datasets`, 2, 0, 'parts');
  try {
    const backbone = await openBackbone(experiment, files);
    progress.advance(1);
    const datasets = await open(experiment);
    progress.advance(1);
    refuseForeignLabels(experiment, datasets, backbone.classes);
    refuseOtherInputs(experiment, datasets, backbone.featureWidth);
    await refuseKnownLeaks(experiment, datasets);
    await compareOutput(experiment, backbone, files, datasets);
    return { backbone: withGiven(backbone, datasets), datasets: await withMadeSets(experiment, datasets) };
  } finally {
    await files.close();
    progress.stop();
  }
}
