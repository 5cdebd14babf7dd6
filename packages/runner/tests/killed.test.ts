import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { temporaryFolder, writeImages } from './fixtures/tiny.ts';

/** What tools/jest/compile-sources.mjs has made of a file of `fixtures`. */
const compiled = (file: string) =>
  path.join(process.env.FAROUT_COMPILED!, 'packages', 'runner', 'tests', 'fixtures', file);

/** Who is killed, and at which of its moments; kill-at.ts counts them. */
interface Kill {
  readonly who: 'main' | 'all' | 'worker';
  readonly at: number;
}

/** How a run ended: killed, or after how many moments. */
type Ended = 'killed' | number;

/** Runs the experiment in a folder. */
function run(folder: string, { who, at }: Kill): Promise<Ended> {
  const env = {
    ...process.env,
    NODE_OPTIONS: `--import ${pathToFileURL(compiled('kill-at.js')).href}`,
    FAROUT_KILL: who,
    FAROUT_KILL_AT: String(at),
    FAROUT_KILLED: path.join(folder, 'killed'),
  };
  const child = spawn(process.execPath, [compiled('run-tiny.js'), folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
    env,
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve('killed');
      else if (code === 0) resolve(Number(/(\d+) moments\n$/.exec(said)?.[1] ?? 0));
      else reject(new Error(`it ended with ${String(code ?? signal)}: ${said}`));
    });
  });
}

const undisturbed: Kill = { who: 'main', at: 0 };

/**
 * The numbers that a run must find, whatever happened to it; not how long it took and how much it found done, and so neither
 * the hash of all that nor what of the report is there yet.
 */
async function numbersIn(folder: string): Promise<unknown> {
  const read = (file: string) => readFile(path.join(folder, 'runs', 'tiny', file), 'utf8');
  const { seconds, imagesRead, passes, sha256, files, ...results } = JSON.parse(await read('results.json')) as Record<
    string,
    unknown
  >;
  expect({ seconds, imagesRead, passes, sha256, files }).toEqual({
    seconds: expect.any(Object),
    imagesRead: expect.any(Number),
    passes: [expect.any(Number), expect.any(Number)],
    sha256: expect.any(String),
    files: expect.any(Object),
  });
  return { results, scores: await read('scores.csv') };
}

/** All that a run that has ended must have found. */
async function findings(folder: string): Promise<{ numbers: unknown; data: string }> {
  const data = await readFile(path.join(folder, 'runs', 'tiny', 'report-data.json'), 'utf8');
  return { numbers: await numbersIn(folder), data };
}

let images: string;
/** A folder in which the experiment has been run. */
let done: string;
let expected: Awaited<ReturnType<typeof findings>>;
/** The moments of a run that nobody kills: all of it, and where all features are in the store. */
let whole: number;
let again: number;

async function copyOf(folder: string): Promise<string> {
  const copy = await temporaryFolder();
  await cp(folder, copy, { recursive: true, preserveTimestamps: true });
  return copy;
}

beforeAll(async () => {
  images = await temporaryFolder();
  // More than a shard, and less than one.
  await writeImages(path.join(images, 'id'), 0, 80);
  await writeImages(path.join(images, 'ood'), 80, 100);
  done = await copyOf(images);
  whole = Number(await run(done, undisturbed));
  expected = await findings(done);
  again = Number(await run(done, undisturbed));
});

/**
 * Kills a run at these moments, one after another, each time going on with what the one before has left; one that ends before
 * its moment is begun anew without a store. The numbers that lie under the run's name are whole at any time.
 */
async function killAt(moments: readonly number[], folder: string): Promise<number> {
  let kills = 0;
  for (const [index, at] of moments.entries()) {
    const ended = await run(folder, { who: index % 2 === 0 ? 'all' : 'main', at });
    if (ended === 'killed') kills++;
    else await rm(path.join(folder, 'store'), { recursive: true });
    if (existsSync(path.join(folder, 'runs', 'tiny', 'results.json')))
      expect({ at, numbers: await numbersIn(folder) }).toEqual({ at, numbers: expected.numbers });
  }
  await run(folder, undisturbed);
  expect(await findings(folder)).toEqual(expected);
  return kills;
}

const every = (step: number, first: number, last: number) =>
  Array.from({ length: Math.ceil((last - first + 1) / step) }, (_, index) => first + index * step);

describe('a run that is killed (SIGKILL)', () => {
  // Five moments make one entry of the store, so a step of 126 comes to each of them; a process for each kill is what takes time.
  // The faults in turn (tests/faults) come to each moment, without a process for each.
  it('at every 126th moment, from an empty store on, goes on to the same results', async () => {
    const kills = await killAt(every(126, 1, whole), await copyOf(images));
    expect(kills).toBeGreaterThan(whole / 126 / 2);
  });

  it('at every 12th moment of a run that finds all features in the store, goes on to the same results', async () => {
    const moments = every(12, 1, again);
    expect(moments.length).toBeGreaterThan(7);
    await killAt(moments, await copyOf(done));
  });

  it.each([2, 5, 9])('loses nothing when a worker is killed at its %d. message', async (at) => {
    const folder = await copyOf(images);
    await run(folder, { who: 'worker', at });
    expect(existsSync(path.join(folder, 'killed'))).toBe(true);
    expect(await findings(folder)).toEqual(expected);
  });
});
