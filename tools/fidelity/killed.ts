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
 * Kills the run (SIGKILL, workers too) at ten random moments of its length, each time starting it again; then lets it
 * end. The scores must be those of the run that nobody killed, and each start must find no less done than the one before.
 */
export async function killed(model: Model, { data, folder }: Workplace, secondsOfOneRun: number): Promise<Check[]> {
  const out = path.join(folder, 'killed');
  const words = ['run', model.experiment, '--set', `store=${folder}/killed-store`, '--out', out];
  const next = random(7);
  const left: number[] = [];
  let died = 0;
  for (let i = 0; i < kills; i++) {
    const killAfter = 1000 * next() * secondsOfOneRun;
    const { code, stderr } = await oodkit(words, { env: { OODKIT_DATA: data }, killAfter });
    if (code === null) died++;
    const count = imagesLeft(stderr);
    if (count !== undefined) left.push(count);
  }
  const last = await oodkit(words, { env: { OODKIT_DATA: data } });
  left.push(imagesLeft(last.stderr) ?? 0);
  const same = existsSync(out) && read(out) === read(path.join(folder, 'first'));
  const shrinks = left.every((count, i) => i === 0 || count <= left[i - 1]!) && left.at(-1)! < left[0]!;
  const history = left.join(', ');
  return [
    allOf(`${model.name}: killed ${died} times at random moments, then the same scores`, Number(same && died > 0), 1),
    allOf(`${model.name}: each start had less to do or as much; images left: ${history}`, Number(shrinks), 1),
  ];
}

const read = (run: string) => readFileSync(path.join(run, 'scores.csv'), 'utf8');

const sets = ['photographs', 'textures', 'sun', 'flowers'];
const imagesOf = [1300, 480, 480, 480];

/**
 * Images that a run still had to read when it began its first stage, in all sets; undefined when it was killed before.
 * Sets are read in their order, and only those of which something is missing are announced.
 */
function imagesLeft(stderr: string): number | undefined {
  const first = /^(\w+): (\d+) images(?:, (\d+) of them done before)?/m.exec(stderr);
  if (!first) return undefined;
  const [, set, total, before] = first;
  const later = imagesOf.slice(sets.indexOf(set!) + 1).reduce((sum, count) => sum + count, 0);
  return Number(total) - Number(before ?? 0) + later;
}
