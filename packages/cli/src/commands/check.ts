import { printable } from '@farout/core';
import { checkExperiment, loadExperiment, type CheckSummary, type Experiment } from '@farout/runner';
import { builtIns } from '../built-ins.ts';
import { exitCodes } from '../exit-codes.ts';
import { printEvent } from '../print-event.ts';
import { userFolder } from '../user-folder.ts';

/** What the command line gives to `farout check`. */
export interface CheckRequest {
  readonly experiment: string;
  readonly set: string[];
  readonly quiet: boolean;
  readonly json: boolean;
}

/** `farout check`: prints what the experiment would work on, also as JSON. */
export async function check({ experiment: file, set, quiet, json }: CheckRequest): Promise<number> {
  const experiment = await loadExperiment({ file, set, cwd: userFolder(), env: process.env, builtIns });
  const summary = await checkExperiment(experiment);
  if (json) printEvent({ event: 'checked', experiment: experiment.name, ...workedOn(experiment, summary) });
  else if (!quiet) process.stdout.write(`${printable(file)} can be run\n\n${described(experiment, summary)}\n`);
  return exitCodes.done;
}

/** What events say of it. */
function workedOn({ backbone, id, fit, ood, detectors, metrics }: Experiment, summary: CheckSummary) {
  return {
    backbone: backbone.definition.name,
    ...summary,
    id,
    fit: fit ?? null,
    ood,
    detectors: detectors.map(({ name }) => name),
    metrics: metrics.map(({ name }) => name),
  };
}

function described(experiment: Experiment, { images, classes, featureWidth, device, notes }: CheckSummary): string {
  const { backbone, id, fit, ood, detectors, metrics } = experiment;
  const counted = (name: string) => `${name} (${images[name]} images)`;
  const lines = {
    backbone: `${backbone.definition.name}, ${classes} classes, ${featureWidth} features`,
    device,
    id: counted(id),
    fit: fit === undefined ? 'none' : counted(fit),
    ood: ood.map(counted).join(', '),
    detectors: detectors.map(({ name }) => name).join(', '),
    metrics: metrics.map(({ name }) => name).join(', '),
  };
  const facts = Object.entries(lines).map(([key, value]) => `  ${key.padEnd(10)} ${printable(value)}`);
  return [...facts, ...notes.map((note) => `  ${'note'.padEnd(10)} ${printable(note)}`)].join('\n');
}
