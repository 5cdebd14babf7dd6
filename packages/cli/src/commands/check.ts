import { checkExperiment, loadExperiment, type CheckSummary, type Experiment } from '@oodkit/runner';
import { builtIns } from '../built-ins.ts';
import { exitCodes } from '../exit-codes.ts';
import { userFolder } from '../user-folder.ts';

/** What the command line gives to `oodkit check`. */
export interface CheckRequest {
  readonly experiment: string;
  readonly set: string[];
}

/** `oodkit check`: prints what the experiment would work on. */
export async function check({ experiment: file, set }: CheckRequest): Promise<number> {
  const experiment = await loadExperiment({ file, set, cwd: userFolder(), env: process.env, builtIns });
  const summary = await checkExperiment(experiment);
  process.stdout.write(`${file} can be run\n\n${described(experiment, summary)}\n`);
  return exitCodes.done;
}

function described(experiment: Experiment, { images, classes, featureWidth, device }: CheckSummary): string {
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
  return Object.entries(lines)
    .map(([key, value]) => `  ${key.padEnd(10)} ${value}`)
    .join('\n');
}
