import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { oodkit } from '../oodkit-process.ts';
import { allOf, type Check } from './check.ts';
import type { Workplace } from './end-to-end.ts';
import type { Model } from './models.ts';

const kills = 10;

/** A generator with a seed (mulberry32), so that the moments can be had again. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Kills the run (SIGKILL, workers too) at random moments and starts it again, ten times; then lets it end. The scores
 * must be those of the run that nobody killed, and the images left to read must never become more.
 */
export async function killed(model: Model, { data, folder }: Workplace, secondsOfOneRun: number): Promise<Check[]> {
  const out = path.join(folder, 'killed');
  const words = ['run', model.experiment, '--set', `store=${folder}/killed-store`, '--out', out];
  const next = random(7);
  const left: number[] = [];
  let died = 0;
  for (let i = 0; i < kills; i++) {
    const killAfter = 1000 * (0.5 + next() * secondsOfOneRun * 0.35);
    const { code, stderr } = await oodkit(words, { env: { OODKIT_DATA: data }, killAfter });
    if (code === null) died++;
    left.push(imagesLeft(stderr));
  }
  const last = await oodkit(words, { env: { OODKIT_DATA: data } });
  left.push(imagesLeft(last.stderr));
  const same = existsSync(out) && read(out) === read(path.join(folder, 'first'));
  const saving = left.filter((count) => Number.isFinite(count));
  const shrinks = saving.every((count, i) => i === 0 || count <= saving[i - 1]!) && saving.at(-1)! < saving[0]!;
  return [
    allOf(
      `${model.name}: killed ${died} times at random moments, then the same scores`,
      Number(same && died >= kills / 2),
      1,
    ),
    allOf(
      `${model.name}: never more to do than before; images of the first set left: ${saving.join(', ')}`,
      Number(shrinks),
      1,
    ),
  ];
}

const read = (run: string) => readFileSync(path.join(run, 'scores.csv'), 'utf8');

/** Images that the run said it had to read of the first dataset; 0 when it had none to, NaN when it was killed before. */
function imagesLeft(stderr: string): number {
  const found = /^photographs: (\d+) images(?:, (\d+) of them done before)?/m.exec(stderr);
  if (found) return Number(found[1]) - Number(found[2] ?? 0);
  return /^(textures|sun|flowers): /m.test(stderr) || stderr === '' ? 0 : NaN;
}
