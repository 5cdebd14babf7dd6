// A process for systematic.test.ts, with failing-fs.mjs loaded first: runs a tiny experiment once for every call on an image's
// file that is to fail, in this process or in the workers, and prints as JSON how often what failed, how the runs ended, and all
// that may not be. After each run an undisturbed one goes on from what it left, and must give what one gives from nothing.
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, cp, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { RunResults } from '@farout/core';
import { temporaryFolder, writeImages } from '../fixtures/tiny.ts';
import { FaultyRuns, shim, type Fault } from './faulty-runs.ts';

/** How many calls of each operation are tried at most, and the URL of failing-fs.mjs. */
const [most, shimFile] = [Number(process.argv[2]), process.argv[3]!];
const codes = ['EIO', 'EACCES', 'EMFILE', 'ENOMEM', 'ESTALE'];

const folder = await temporaryFolder();
const at = (...names: string[]) => path.join(folder, ...names);
const id = await writeImages(at('images', 'id'), 0, 5);
const ood = await writeImages(at('images', 'ood'), 5, 8);
// The same image under another name, which is read once where its content is known.
await copyFile(at('images', 'id', '0.png'), at('images', 'id', 'again.png'));
const again = { id: 'again.png', label: 0, path: at('images', 'id', 'again.png') };
const runs = new FaultyRuns(folder, [...id, again], ood);
// Loaded in the workers too; what they do without a fault is not changed.
process.env.NODE_OPTIONS = `--import ${shimFile}`;

/** What a run left that no clock and no store decides. */
function left() {
  const read = (file: string) => readFileSync(at('run', file), 'utf8');
  const { results, datasets, thresholds, accuracy, fitted, failed } = JSON.parse(read('results.json')) as RunResults;
  return {
    scores: read('scores.csv'),
    datasets,
    values: { results, thresholds, accuracy, fitted, failed },
    // JPEGs in base64.
    thumbnails: read('report-data.json').match(/"\/9j\/[^"]*"/g),
  };
}

/** Rows without the score of the detector that learns, which an image left out changes for all. */
const maxScores = (scores: string) =>
  scores
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/,[^,]*$/, ''));

await runs.run('new', 1);
const whole = left();
if (!whole.thumbnails) throw new Error('no thumbnails are seen');

/** Where calls fail, and what the store holds when a run begins: nothing; all but which file is which image, and thumbnails; only that. */
const places = [
  { where: 'main', store: 'unindexed' },
  { where: 'workers', store: 'empty' },
  { where: 'workers', store: 'indexed' },
] as const;
type Place = (typeof places)[number];

for (const name of ['unindexed', 'indexed']) await cp(at('store'), at('template', name), { recursive: true });
await mkdir(at('template', 'empty'), { recursive: true });
for (const name of ['files', 'thumbnails']) await rm(at('template', 'unindexed', name), { recursive: true });
for (const name of ['readings', 'thumbnails']) await rm(at('template', 'indexed', name), { recursive: true });

async function reset(store: Place['store']): Promise<void> {
  for (const name of ['run', 'store']) await rm(at(name), { recursive: true, force: true });
  await cp(at('template', store), at('store'), { recursive: true });
}

/** What is wrong with a run that came to its end: an image is missing that is not named, or has another score. */
function faultsOf({ scores, datasets }: ReturnType<typeof left>, isOneCall: boolean): string[] {
  const known = new Set(maxScores(whole.scores));
  const rows = maxScores(scores);
  const leftOut = Object.values(datasets).flatMap(({ unreadable }) => unreadable);
  return [
    ...rows.filter((row) => !known.has(row)).map((row) => `another score: ${row}`),
    ...(rows.length + leftOut.length === known.size ? [] : ['images are missing']),
    ...(isOneCall && leftOut.length > 1 ? [`${leftOut.length} images are left out`] : []),
    ...leftOut.filter(({ cause }) => cause !== 'machine').map(({ image, reason }) => `${image} is blamed: ${reason}`),
  ];
}

const roots = [at('images')];
const log = at('calls.log');

/** Lets calls fail here or in the workers. */
const arm = (where: Place['where'], fault: Omit<Fault, 'roots'>) =>
  where === 'workers' ? shim.armChildren({ ...fault, roots, log }) : shim.arm({ ...fault, roots, log });

async function countsOf({ where, store }: Place): Promise<Record<string, number>> {
  await reset(store);
  await rm(log, { force: true });
  arm(where, {});
  await runs.outcome('new', 1);
  const counts: Record<string, number> = {};
  const calls = existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : [];
  for (const op of calls) counts[op] = (counts[op] ?? 0) + 1;
  return counts;
}

const allowed = ['done', 'OOD_NO_IMAGES_LEFT'];
const tried: Record<string, number> = {};
const ended: Record<string, number> = {};
const wrong: string[] = [];
let leftOut = 0;

async function attempt(place: Place, fault: Omit<Fault, 'roots'>, calls: number): Promise<void> {
  const { where, store } = place;
  await reset(store);
  arm(where, fault);
  const code = await runs.outcome('new', 1);
  const shown = `${fault.op} ${fault.n} of ${calls}${fault.from ? ' and all later' : ''}, ${fault.code}, ${where}, store ${store}: ${code}`;
  if (!allowed.includes(code)) wrong.push(shown);
  if (code === 'done') {
    const found = left();
    wrong.push(...faultsOf(found, !fault.from).map((fault) => `${shown}; ${fault}`));
    if (Object.values(found.datasets).some(({ unreadable }) => unreadable.length > 0)) leftOut++;
  }
  const next = await runs.outcome('new', 1);
  if (next !== 'done') wrong.push(`${shown}; the next run: ${next}`);
  else if (!isDeepStrictEqual(left(), whole)) wrong.push(`${shown}; the next run differs`);
  process.stderr.write(`${shown}\n`);
  tried[`${fault.op}, ${where}`] = (tried[`${fault.op}, ${where}`] ?? 0) + 1;
  ended[code] = (ended[code] ?? 0) + 1;
}

for (const place of places) {
  for (const [op, calls] of Object.entries(await countsOf(place))) {
    const step = Math.max(1, Math.ceil(calls / most));
    for (let n = Math.min(calls, Math.ceil(step / 2)); n <= calls; n += step) {
      const from = most < 1000 ? [n % 2 === 0] : [false, true];
      for (const each of from) await attempt(place, { op, n, code: codes[n % codes.length]!, from: each }, calls);
    }
  }
}
await rm(folder, { recursive: true, force: true });
process.stdout.write(JSON.stringify({ tried, ended, leftOut, wrong }));
