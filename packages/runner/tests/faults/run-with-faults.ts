// A process for systematic.test.ts, with failing-fs.mjs loaded first: runs a tiny experiment once for every call that is to
// fail, each time from the same state, and prints as JSON how often what failed and every state that may not be.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openRunFolder } from '../../src/output/run-folder.ts';
import { hashBytes } from '../../src/store/entries.ts';
import { temporaryFolder, writeImages } from '../fixtures/tiny.ts';
import { FaultyRuns, shim } from './faulty-runs.ts';

/** How many calls of each operation are tried at most. */
const most = Number(process.argv[2]);

const folder = await temporaryFolder();
const at = (...names: string[]) => path.join(folder, ...names);
const id = await writeImages(at('images', 'id'), 0, 6);
const ood = await writeImages(at('images', 'ood'), 6, 10);
const runs = new FaultyRuns(folder, id, ood);

/** The state that every run begins with: a former run, in its folder files of others, and a store. */
const foreign = ['notes.md', '.git/config', 'other/results.json', 'fitted/mine.npy'];
await runs.run('former', 1);
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

const allowed = ['done', 'OOD_STORE_FAILED', 'OOD_OUTPUT_FAILED'];
const roots = [at('run'), at('store')];
const tried: Record<string, number> = {};
const ended: Record<string, number> = {};
const wrong: string[] = [];

for (const store of states) {
  await reset(store);
  shim.arm({ roots });
  await runs.run('new', 3);
  const counts = shim.disarm();
  for (const [op, calls] of Object.entries(counts)) {
    // Where images must be read a run takes a second: of a sample one of what writes.
    const isSample = store === 'empty' && most < 1000;
    if (isSample && !['write', 'fsync', 'rename', 'mkdir'].includes(op)) continue;
    // Each renaming leaves another state behind: none is passed over.
    const step = op === 'rename' && !isSample ? 1 : Math.max(1, Math.ceil(calls / (isSample ? 1 : most)));
    for (let n = Math.min(calls, Math.ceil(step / 2)); n <= calls; n += step) {
      for (const from of isSample ? [false] : [false, true]) {
        await reset(store);
        const begun = performance.now();
        shim.arm({ roots, op, n, code: n % 2 === 0 ? 'EIO' : 'ENOSPC', from });
        const code = await runs.outcome('new', 3);
        const shown = `${op} ${n} of ${calls}${from ? ' and all later' : ''}, store ${store}: ${code}`;
        if (!allowed.includes(code)) wrong.push(shown);
        if (!from && !['former', 'new'].includes(found())) wrong.push(`${shown}; at once ${found()}`);
        // Where even putting back failed, whoever comes next does it.
        await openRunFolder(at('run'), [], at('store'));
        const left = found();
        if (!['former', 'new'].includes(left) || (code === 'done' && left !== 'new')) wrong.push(`${shown}; ${left}`);
        process.stderr.write(`${(performance.now() - begun).toFixed(0)} ms, ${shown}\n`);
        tried[op] = (tried[op] ?? 0) + 1;
        ended[code] = (ended[code] ?? 0) + 1;
      }
    }
  }
}
const left = readdirSync(folder).sort();
await rm(folder, { recursive: true, force: true });
process.stdout.write(JSON.stringify({ tried, ended, wrong, left }));
