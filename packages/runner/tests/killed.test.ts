import { spawn } from 'node:child_process';
import { cp, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { temporaryFolder, writeImages } from './fixtures/tiny.ts';

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** A hundred kills in all. */
const runs = 20;
const killsPerRun = 5;
/** Runs that go on side by side. */
const lanes = 3;

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

/** What a run must find, whatever happened to it; not how long it took and how much it found done. */
async function findings(folder: string): Promise<unknown> {
  const read = (file: string) => readFile(path.join(folder, 'runs', 'tiny', file), 'utf8');
  const { seconds, imagesRead, sha256, ...results } = JSON.parse(await read('results.json')) as Record<string, unknown>;
  const known = { seconds: expect.any(Object), imagesRead: expect.any(Number), sha256: expect.any(String) };
  expect({ seconds, imagesRead, sha256 }).toEqual(known);
  return { results, scores: await read('scores.csv'), data: await read('report-data.json') };
}

/**
 * Runs the experiment in a folder, and kills it (the main process, or its workers with it) so many milliseconds after it
 * has begun. True when it was killed, false when it had come to its end.
 */
function run(folder: string, kill?: { readonly after: number; readonly workersToo: boolean }): Promise<boolean> {
  const words = ['--import', pathOf('../../../tools/ts.mjs'), pathOf('fixtures/run-tiny.ts'), folder];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stdout.once('data', () => {
    if (kill) void setTimeout(kill.after).then(() => child.exitCode ?? killProcess(child.pid!, kill.workersToo));
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve(true);
      else if (code === 0) resolve(false);
      else reject(new Error(`it ended with ${String(code ?? signal)}: ${said}`));
    });
  });
}

const killProcess = (pid: number, workersToo: boolean) => process.kill(workersToo ? -pid : pid, 'SIGKILL');

let images: string;
let expected: unknown;
/** How long a run takes that nobody kills, in milliseconds; with the start, so that some end before their moment. */
let whole: number;

async function prepared(): Promise<string> {
  const folder = await temporaryFolder();
  await cp(images, folder, { recursive: true, preserveTimestamps: true });
  return folder;
}

beforeAll(async () => {
  images = await temporaryFolder();
  await writeImages(path.join(images, 'id'), 0, 600);
  await writeImages(path.join(images, 'ood'), 600, 900);
  const folder = await prepared();
  const begun = performance.now();
  await run(folder);
  whole = performance.now() - begun;
  expected = await findings(folder);
});

/** A run that is killed so often and then left to end; one that ends before its moment is begun anew. */
async function killedRun(next: () => number): Promise<void> {
  const folder = await prepared();
  for (let killed = 0; killed < killsPerRun;) {
    if (await run(folder, { after: next() * whole, workersToo: next() < 0.5 })) {
      killed++;
      continue;
    }
    expect(await findings(folder)).toEqual(expected);
    await rm(path.join(folder, 'store'), { recursive: true });
  }
  await run(folder);
  expect(await findings(folder)).toEqual(expected);
}

describe('a run that is killed (SIGKILL)', () => {
  it(`goes on to the same results: ${runs} runs, each killed at ${killsPerRun} random moments`, async () => {
    const next = random(11);
    let begun = 0;
    const lane = async () => {
      while (begun++ < runs) await killedRun(next);
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  }, 600_000);
});
