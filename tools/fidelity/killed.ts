import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { farout } from '../farout-process.ts';
import { allOf, type Check } from './check.ts';
import { runPhotographs, type Workplace } from './end-to-end.ts';
import type { Model } from './models.ts';

const kills = 10;

/** A seeded generator (mulberry32), so that the moments are reproducible. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The range of kill times, in ms after the start: from before the first image to well into the sets. */
const moments = { from: 500, to: 12_000 };

/**
 * Kills the run (SIGKILL, including workers) at ten random moments, restarts it each time, then lets it finish. A run that finishes before its moment
 * is started again with an empty store. The scores must always equal those of an uninterrupted run, and each start must find at least as much done
 * as the one before.
 */
export async function killed(model: Model, place: Workplace): Promise<Check[]> {
  const { data, folder } = place;
  if (!existsSync(path.join(folder, 'first'))) await runPhotographs(model, place, 'first');
  const out = path.join(folder, 'killed');
  const store = path.join(folder, 'killed-store');
  const words = ['run', model.experiment, '--set', `store=${store}`, '--out', out];
  const next = random(7);
  const histories: number[][] = [[]];
  const start = async (killAfter?: number) => {
    const finished = await farout(words, { env: { FAROUT_DATA: data }, ...(killAfter !== undefined && { killAfter }) });
    const left = imagesLeft(finished.stderr);
    if (left !== undefined) histories.at(-1)!.push(left);
    return finished.code;
  };
  let equal = 0;
  let ended = 0;
  const compare = () => {
    ended++;
    if (read(out) === read(path.join(folder, 'first'))) equal++;
  };
  for (let died = 0; died < kills;) {
    const code = await start(moments.from + next() * (moments.to - moments.from));
    if (code === null) {
      died++;
      continue;
    }
    compare();
    await rm(store, { recursive: true });
    histories.push([]);
  }
  await start();
  compare();
  const shrinks = histories.filter((left) => left.every((count, i) => i === 0 || count <= left[i - 1]!)).length;
  const shown = histories.map((left) => left.join(', ')).join('; ');
  return [
    allOf(`${model.name}: ${kills} kills at random moments; runs that finished with the same scores`, equal, ended),
    allOf(
      `${model.name}: no start had more left than the one before; images left: ${shown}`,
      shrinks,
      histories.length,
    ),
  ];
}

const read = (run: string) => readFileSync(path.join(run, 'scores.csv'), 'utf8');

const sets = ['photographs', 'textures', 'sun', 'flowers'];
const imagesOf = [1300, 480, 480, 480];

/**
 * The images that a run still had to read at the start of its first stage, over all sets; undefined if it was killed earlier. Sets are read in order,
 * and only sets with missing data are announced.
 */
function imagesLeft(stderr: string): number | undefined {
  const first = /^(\w+): (\d+) images(?:, (\d+) of them done before)?/m.exec(stderr);
  if (!first) return undefined;
  const [, set, total, before] = first;
  const later = imagesOf.slice(sets.indexOf(set!) + 1).reduce((sum, count) => sum + count, 0);
  return Number(total) - Number(before ?? 0) + later;
}
