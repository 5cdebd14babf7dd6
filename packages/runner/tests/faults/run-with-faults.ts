// A process for systematic.test.ts, with failing-fs.mjs loaded first: runs a tiny experiment once for every call that is to
// fail, each time from the same state, and prints as JSON how often what failed and every state that may not be.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { defineHook, defineScorer, FaroutError, z } from '@farout/core';
import type { Experiment } from '../../src/experiment.ts';
import { openRunFolder } from '../../src/output/write-run.ts';
import { runExperiment } from '../../src/run-experiment.ts';
import { hashBytes } from '../../src/store/hash.ts';
import {
  CountingProgress,
  detector,
  firstFeature,
  part,
  silent,
  temporaryFolder,
  tinyExperiment,
  writeImages,
} from '../fixtures/tiny.ts';

interface Fault {
  readonly roots: readonly string[];
  readonly op?: string;
  readonly n?: number;
  readonly code?: string;
  readonly from?: boolean;
}

const shim = (globalThis as unknown as Record<symbol, unknown>)[Symbol.for('farout.failing-fs')] as {
  readonly arm: (fault: Fault) => void;
  readonly disarm: () => Record<string, number>;
};

/** How many calls of each operation are tried at most. */
const most = Number(process.argv[2]);

const shifted = defineHook({
  name: 'shifted',
  params: z.object({ by: z.number() }),
  fit: ({ by }) => ({
    reads: ['features'],
    learn: async (rows) => {
      let sum = 0;
      for await (const { features } of rows) sum += features.data.reduce((all, value) => all + value, 0);
      return { by: { data: Float32Array.of(sum * by, by, 0), shape: [3] } };
    },
  }),
  sweep: { parameter: 'by', values: [1, 2] },
  features: (h, _, { by }) => h.add(by!),
});
const maxLogit = defineScorer({ name: 'max-logit', params: z.object({}), score: ({ logits }) => logits.max() });

const folder = await temporaryFolder();
const at = (...names: string[]) => path.join(folder, ...names);
const id = await writeImages(at('images', 'id'), 0, 6);
const ood = await writeImages(at('images', 'ood'), 6, 10);
const experimentOf = (name: string, by: number): Experiment => ({
  ...tinyExperiment(
    {
      id,
      ood,
      detectors: [detector('Max', maxLogit), detector('Shifted', firstFeature, [part(shifted, { by } as never)])],
    },
    at('store'),
  ),
  name,
  resolved: { name },
});
const run = (experiment: Experiment) =>
  runExperiment(experiment, {
    out: at('run'),
    logger: silent,
    progress: new CountingProgress(),
    reporters: [{ file: 'page.html', render: ({ name }) => name }],
  });

/** The state that every run begins with: a former run, in its folder files of others, and a store. */
const foreign = ['notes.md', '.git/config', 'other/results.json', 'fitted/mine.npy'];
await run(experimentOf('former', 1));
for (const file of foreign) {
  await mkdir(path.dirname(at('run', file)), { recursive: true });
  await writeFile(at('run', file), file);
}
const states = ['full', 'empty'] as const;
await cp(at('run'), at('template', 'run'), { recursive: true });
await cp(at('store'), at('template', 'full'), { recursive: true });
await mkdir(at('template', 'empty'));

async function reset(store: (typeof states)[number]): Promise<void> {
  for (const name of ['run', 'store']) await rm(at(name), { recursive: true, force: true });
  await cp(at('template', 'run'), at('run'), { recursive: true });
  await cp(at('template', store), at('store'), { recursive: true });
}

/** Which run lies in the folder, whole; what is wrong otherwise. */
function found(): string {
  const lost = foreign.filter((file) => !existsSync(at('run', file)) || readFileSync(at('run', file), 'utf8') !== file);
  if (lost.length > 0) return `lost ${lost.join(', ')}`;
  const { name, files } = JSON.parse(readFileSync(at('run', 'results.json'), 'utf8')) as {
    name: string;
    files: Record<string, string>;
  };
  const wrong = Object.entries(files).filter(
    ([file, hash]) => !existsSync(at('run', file)) || hashBytes(readFileSync(at('run', file))) !== hash,
  );
  return wrong.length === 0 ? name : `a mixture: ${name} with other ${wrong.map(([file]) => file).join(', ')}`;
}

async function outcome(fault: Fault): Promise<string> {
  shim.arm(fault);
  try {
    await run(experimentOf('new', 3));
    return 'done';
  } catch (error) {
    return error instanceof FaroutError ? error.code : `no code: ${String((error as Error).stack)}`;
  } finally {
    shim.disarm();
  }
}

const allowed = ['done', 'OOD_STORE_FAILED', 'OOD_OUTPUT_FAILED'];
const roots = [at('run'), at('store')];
const tried: Record<string, number> = {};
const coded: Record<string, number> = {};
const wrong: string[] = [];

for (const store of states) {
  await reset(store);
  shim.arm({ roots });
  await run(experimentOf('new', 3));
  const counts = shim.disarm();
  for (const [op, calls] of Object.entries(counts)) {
    // Where images must be read a run takes a second: of a sample one of what writes.
    const isSample = store === 'empty' && most < 1000;
    if (isSample && !['write', 'fsync', 'rename', 'mkdir'].includes(op)) continue;
    const step = Math.max(1, Math.ceil(calls / (isSample ? 1 : most)));
    for (let n = Math.min(calls, Math.ceil(step / 2)); n <= calls; n += step) {
      for (const from of isSample ? [false] : [false, true]) {
        await reset(store);
        const begun = performance.now();
        const code = await outcome({ roots, op, n, code: n % 2 === 0 ? 'EIO' : 'ENOSPC', from });
        const shown = `${op} ${n} of ${calls}${from ? ' and all later' : ''}, store ${store}: ${code}`;
        if (!allowed.includes(code)) wrong.push(shown);
        if (!from && !['former', 'new'].includes(found())) wrong.push(`${shown}; at once ${found()}`);
        // Where even putting back failed, whoever comes next does it.
        await openRunFolder(at('run'), [], at('store'));
        const left = found();
        if (!['former', 'new'].includes(left) || (code === 'done' && left !== 'new')) wrong.push(`${shown}; ${left}`);
        process.stderr.write(`${(performance.now() - begun).toFixed(0)} ms, ${shown}\n`);
        tried[op] = (tried[op] ?? 0) + 1;
        coded[code] = (coded[code] ?? 0) + 1;
      }
    }
  }
}
const left = readdirSync(folder).sort();
await rm(folder, { recursive: true, force: true });
process.stdout.write(JSON.stringify({ tried, coded, wrong, left }));
