import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { RunResults } from '@farout/core';
import { farout } from '../farout-process.ts';
import { allOf, atMost, type Check } from './check.ts';
import { reference, type Model } from './models.ts';

const sets = ['textures', 'sun', 'flowers'];

/** The folders for the runs of one model. */
export interface Workplace {
  readonly data: string;
  /** An empty folder. */
  readonly folder: string;
}

/** Runs the experiment of a model on the reference photographs. */
export async function runPhotographs(model: Model, { data, folder }: Workplace, out: string) {
  const words = ['run', model.experiment, '--set', `store=${folder}/store`, '--out', path.join(folder, out)];
  const finished = await farout(words, { env: { FAROUT_DATA: data } });
  if (finished.code !== 0)
    throw new Error(`${words.join(' ')} ended with ${finished.code ?? 'a signal'}:\n${finished.stderr}`);
  const results = JSON.parse(readFileSync(path.join(folder, out, 'results.json'), 'utf8')) as RunResults;
  return { finished, results };
}

/** From JPEG files to the table, compared with the paper's code on the same photographs. */
export async function endToEnd(model: Model, place: Workplace): Promise<Check[]> {
  const { results } = await runPhotographs(model, place, 'first');
  const expected = reference(place.data, model);
  const worst = { auroc: 0, fpr95: 0 };
  for (const [detector, column] of Object.entries(model.columns)) {
    for (const ood of sets) {
      const { AUROC, FPR } = expected.metrics[column]![ood]!.react_code;
      worst.auroc = Math.max(worst.auroc, 100 * Math.abs(value(results, detector, ood, 'auroc') - AUROC));
      worst.fpr95 = Math.max(worst.fpr95, 100 * Math.abs(value(results, detector, ood, 'fpr95') - FPR));
    }
  }
  const c = expected.percentiles['90']!;
  const ours = results.fitted.ReAct!.react!.c as number;
  const methods = `${Object.keys(model.columns).length} detectors × ${sets.length} sets`;
  return [
    atMost(`${model.name}: AUROC end to end, ${methods}, points`, worst.auroc, 0.1),
    atMost(`${model.name}: FPR95 end to end, ${methods}, points`, worst.fpr95, 0.5),
    atMost(
      `${model.name}: c of ReAct at p = 90 (${ours.toFixed(6)}), relative difference`,
      Math.abs(ours - c) / c,
      1e-4,
    ),
    allOf(
      `${model.name}: accuracy of ${results.accuracy}, as the reference's`,
      Number(results.accuracy === expected.top1),
      1,
    ),
  ];
}

const value = ({ results }: RunResults, detector: string, ood: string, metric: string) =>
  results.find((result) => result.detector === detector && result.ood === ood && result.metric === metric)!.value;

/** The same experiment again, into another folder: everything comes from the store. */
export async function secondRun(model: Model, place: Workplace): Promise<Check[]> {
  const { finished, results } = await runPhotographs(model, place, 'second');
  const read = /^(photographs|textures|sun|flowers): \d+ images/m.test(finished.stderr);
  const same = ['first', 'second'].map((out) => readFileSync(path.join(place.folder, out, 'scores.csv'), 'utf8'));
  return [
    allOf(
      `${model.name}: second run reads no image and gives the same scores`,
      Number(!read && same[0] === same[1]),
      1,
    ),
    atMost(
      `${model.name}: second run, seconds in all (looking up ${results.seconds.extract!.toFixed(2)} s)`,
      finished.seconds,
      15,
    ),
  ];
}
