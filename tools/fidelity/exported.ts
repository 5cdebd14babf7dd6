import { readFileSync } from 'node:fs';
import path from 'node:path';
import { cellText, type RunResults } from '@farout/core';
import { readDescription } from '@farout/deploy';
import { parse } from 'csv-parse/sync';
import { farout } from '../farout-process.ts';
import { allOf, atMost, type Check } from './check.ts';
import type { Workplace } from './end-to-end.ts';

const detectors = ['MSP', 'ReAct', 'GEN', 'ViM', 'fDBD', 'ODIN', 'GradNorm', 'RankFeat', 'ASH-S', 'DICE'];
/** The datasets, and the folders of their images. */
const folders = { photographs: 'imagenet-val', textures: 'textures', sun: 'sun', flowers: 'flowers' };

/** The result of a detector for an image. */
interface Given {
  readonly score: number;
  readonly isInDistribution: boolean;
}

/** Exported detectors, which must score the reference photographs like their run. */
export async function exported(place: Workplace): Promise<Check[]> {
  const run = path.join(place.folder, 'exported');
  const words = ['--set', `store=${place.folder}/store`, '--no-report', '--out', run];
  await done(['run', 'tools/fidelity/exported.yaml', ...words], place);
  const checks: Check[] = [];
  for (const detector of detectors) checks.push(...(await ofDetector(detector, run, place)));
  return checks;
}

/** Checks one detector with `farout export` and `farout score`. */
export async function ofDetector(detector: string, run: string, place: Workplace): Promise<Check[]> {
  const file = path.join(place.folder, `${detector}.onnx`);
  await done(['export', run, '--detector', detector, '--to', file], place);
  const { threshold } = await readDescription(file);
  const results = JSON.parse(readFileSync(path.join(run, 'results.json'), 'utf8')) as RunResults;
  const images = Object.values(folders).map((name) => path.join(place.data, 'images', name));
  const given = scoredLines(await done(['score', file, ...images, '--json'], place));
  const known = writtenScores(run, detector, place.data);
  let [largest, right] = [0, 0];
  for (const [image, { score, dataset }] of known) {
    const found = given.get(image);
    if (!found) continue;
    largest = Math.max(largest, Math.abs(found.score - score) / Math.abs(score));
    // The run's own images are judged by the run's threshold, others by the constant, which is slightly larger.
    const line = dataset === 'photographs' ? results.thresholds[detector]! : threshold.value;
    if (found.isInDistribution === score > line) right++;
  }
  return [
    atMost(`exported ${detector}: scores of ${known.size} photographs, relative difference`, largest, 1e-5),
    allOf(`exported ${detector}: the run's decisions`, right, known.size),
  ];
}

async function done(words: readonly string[], { data }: Workplace): Promise<string> {
  const finished = await farout(words, { env: { FAROUT_DATA: data } });
  if (finished.code === 0) return finished.stdout;
  throw new Error(`${words.join(' ')} ended with ${finished.code ?? 'a signal'}:\n${finished.stderr}`);
}

/** The scores of the run, by image path. */
function writtenScores(run: string, detector: string, data: string) {
  const [header, ...rows] = parse(readFileSync(path.join(run, 'scores.csv')));
  const column = header!.indexOf(detector);
  return new Map(
    rows.map((row) => {
      const dataset = row[0] as keyof typeof folders;
      const image = path.join(data, 'images', folders[dataset], cellText(row[1]!));
      return [image, { dataset, score: Math.fround(Number(row[column])) }];
    }),
  );
}

const scoredLines = (stdout: string) =>
  new Map(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Given & { readonly image: string })
      .map((given) => [given.image, given]),
  );
