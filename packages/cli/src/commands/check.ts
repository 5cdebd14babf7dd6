import { printable } from '@farout/core';
import {
  checkExperiment,
  experimentsIn,
  loadExperiment,
  inWords,
  overlapSentence,
  type CheckSummary,
  type Experiment,
} from '@farout/runner';
import { amount } from '../amount.ts';
import { builtIns } from '../built-ins.ts';
import { exitCodes } from '../command.ts';
import { printEvent } from '../events.ts';
import { userFolder } from '../invocation.ts';
import { asking, namingWhatToPull } from '../pulling.ts';

/** Arguments of `farout check`. */
interface CheckRequest {
  readonly experiment: string;
  readonly set: string[];
  readonly offline: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
}

/** `farout check`: prints what the experiment would work on, as text or JSON. */
export async function check({ experiment: file, set, offline, quiet, json }: CheckRequest): Promise<number> {
  const { experiment, summary } = await asking({ offline }, () =>
    namingWhatToPull(file, set, async () => {
      const loaded = await loadExperiment({ file, set, cwd: userFolder(), env: process.env, builtIns });
      return { experiment: loaded, summary: await checkExperiment(loaded) };
    }),
  );
  if (json) printEvent({ event: 'checked', experiment: experiment.name, ...workedOn(experiment, summary) });
  else if (!quiet) process.stdout.write(`${printable(file)} can be run\n\n${described(experiment, summary)}\n`);
  return exitCodes.done;
}

/** The contents of the event. */
function workedOn(
  { backbone, id, fit, ood, groups, detectors, select, metrics }: Experiment,
  { common, ...summary }: CheckSummary,
) {
  return {
    backbone: backbone.definition.name,
    ...summary,
    id,
    fit: fit ?? null,
    ood,
    groups,
    detectors: detectors.map(({ name }) => name),
    ...(select && { select: { by: select.by.name, id: select.id, ood: select.ood, show: select.show } }),
    metrics: metrics.map(({ name }) => name),
    overlaps: common.overlaps,
    duplicates: common.duplicates,
    contentUnknown: common.unknown,
  };
}

function described(experiment: Experiment, summary: CheckSummary): string {
  const { images, classes, featureWidth, device, cost, choice, notes, common } = summary;
  const { backbone, id, fit, ood, groups, detectors, select, metrics } = experiment;
  const made = (name: string) => (experiment.datasets.has(name) ? '' : ', generated');
  const counted = (name: string) => `${name} (${amount(images[name]!, 'image')}${made(name)})`;
  const lines = {
    backbone: `${backbone.definition.name}, ${classes} classes, ${featureWidth} features`,
    device,
    id: id.map(counted).join(', '),
    fit: [
      fit === undefined ? 'none' : counted(fit),
      ...ownFitSets(experiment).map((name) => `${counted(name)} for some parts`),
    ].join(', '),
    ood: ood.map(counted).join(', '),
    groups: Object.entries(groups)
      .map(([name, sets]) => `${name} (${sets.join(', ')})`)
      .join(', '),
    detectors: detectors.map(({ name }) => name).join(', '),
    select: select
      ? `by ${select.by.name} of ${select.id.map(counted).join(', ')} against ${select.ood.map(counted).join(', ')}`
      : '',
    choosing: choice ? choiceInWords(choice) : '',
    metrics: metrics.map(({ name }) => name).join(', '),
    store: inWords(cost),
    passes: `${cost.passes} over the images`,
  };
  const facts = Object.entries(lines)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `  ${key.padEnd(10)} ${printable(value)}`);
  const noted = notes.map((note) => `  ${'note'.padEnd(10)} ${printable(note)}`);
  return [...facts, ...noted, ...inCommon(common).flatMap((sentence) => ['', printable(sentence)])].join('\n');
}

/** `6 points of 1 detector, before the test; 1 pass over 150 images, of which 50 are made` */
function choiceInWords({ points, detectors, images, made, passes }: NonNullable<CheckSummary['choice']>): string {
  const of = `${amount(points, 'point')} of ${amount(detectors, 'detector')}`;
  const read = `${amount(passes, 'pass', 'passes')} over ${amount(images, 'image')}`;
  return `${of}, before the test; ${read}${made > 0 ? `, of which ${made} are generated` : ''}`;
}

/** The sets that individual parts learn from instead of the experiment's. */
function ownFitSets({ fit, detectors }: Experiment): string[] {
  const named = detectors.flatMap(({ hooks, scorer }) => [...hooks, scorer]).flatMap((part) => part.fit ?? []);
  return [...new Set(named)].filter((name) => name !== fit);
}

/** What sets have in common, as far as known. */
function inCommon({ overlaps, duplicates, unknown }: CheckSummary['common']): string[] {
  const twice = duplicates.map(
    ({ dataset, images, example }) =>
      `${images} of the images of "${dataset}" ${images === 1 ? 'is' : 'are'} the same as an earlier one, the first "${example}".`,
  );
  const rest = `The content of ${amount(unknown, 'image')} is unknown until they are read; run compares all images before it writes results.`;
  return [...overlaps.map(overlapSentence), ...twice, ...(unknown > 0 ? [rest] : [])];
}

/** The YAML files in the user's working directory that look like experiments. */
export const experimentsHere = (): Promise<readonly string[]> => experimentsIn(userFolder());
