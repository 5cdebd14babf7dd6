// Runs from the command line on more and more rows: time and memory.
import { spawn } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { repository } from '../farout-process.ts';
import { atMost, type Check } from '../fidelity/check.ts';
import { watched, type Watched } from './memory.ts';
import { writeScaleData, type Size } from './scale-data.ts';
import { writeExperiment } from './scale-experiments.ts';

const counts = [10_000, 100_000, 200_000] as const;

/** One detector for each kind of pass over rows: class sums, counted values, moments, and none. */
const detectors = {
  SCALE: ['scale', 'energy'],
  'KL matching': 'kl-matching',
  ReAct: ['react', 'energy'],
  NECO: 'neco',
};

/** Fits on half of the rows and scores the others; removes the files at the end. */
export async function* growth(folder: string, size: Size): AsyncGenerator<Check> {
  const seen: Watched[] = [];
  for (const count of counts) seen.push(await runOn(count, path.join(folder, String(count)), size));
  const [few, more, most] = seen as [Watched, Watched, Watched];
  const each = (from: Watched, to: Watched, count: number) => (to.cpu - from.cpu) / count;
  const linear = each(more, most, counts[2] - counts[1]) / each(few, more, counts[1] - counts[0]);
  const named = (what: string) => counts.map((count) => count.toLocaleString('en')).join(', ') + ` rows: ${what}`;
  const figures = (of: (run: Watched) => number) => seen.map((run) => of(run).toFixed(0)).join(', ');
  yield atMost(
    named(`seconds of CPU ${figures(({ cpu }) => cpu)}; a row of the last 100,000 ÷ one before`),
    linear,
    1.1,
  );
  yield atMost(named(`peak memory ${figures(({ peak }) => peak)} MiB; last ÷ first`), most.peak / few.peak, 1.25);
}

async function runOn(count: number, folder: string, size: Size): Promise<Watched> {
  await mkdir(folder);
  const data = await writeScaleData(folder, size, { fit: 1, test: count });
  const [half, quarter] = [count / 2, count / 4];
  const stretches = { id: { from: half, limit: quarter }, ood: { from: half + quarter, limit: quarter } };
  const file = writeExperiment({ folder, data }, 'growth', detectors, stretches, { file: data.test, limit: half });
  const script = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));
  const words = ['--import', new URL('../ts.mjs', import.meta.url).href, script];
  const own = ['run', file, '--out', path.join(folder, 'run'), '--no-report', '--quiet'];
  try {
    return await watched(
      spawn(process.execPath, [...words, ...own], { cwd: repository, stdio: ['ignore', 'ignore', 'inherit'] }),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}
