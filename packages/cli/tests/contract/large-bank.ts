// Scores 128 images with a bank of 2.6 GB, and prints how much memory the run has held at most. Not in the suite: it takes minutes.
//   node tools/start-source.mjs packages/cli/tests/contract/large-bank.ts
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '@farout/runner';
import { builtIns } from '../../src/built-ins.ts';

const images = 40_000;
const folder = await mkdtemp(path.join(tmpdir(), 'farout-large-bank-'));
const file = path.join(folder, 'large-bank.yaml');
const numbered = (first: number, count: number) => ({ numbered: { first, count, side: 64 } });
const experiment = {
  name: 'large-bank',
  plugins: [fileURLToPath(new URL('bank.ts', import.meta.url))],
  backbone: { means: { resize: 64, crop: 64 } },
  datasets: { many: numbered(1000, images), inside: numbered(0, 64), outside: numbered(100, 64) },
  ...{ id: 'inside', fit: 'many', ood: ['outside'], metrics: ['auroc'], store: path.join(folder, 'store') },
  detectors: { Nearest: 'nearest-wide' },
};
await writeFile(file, JSON.stringify(experiment));
const started = performance.now();
const { results } = await run(file, { builtIns, cwd: folder, report: false });
await rm(folder, { recursive: true });

const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
const seconds = Math.round((performance.now() - started) / 1000);
console.log(JSON.stringify({ images, failed: results.failed, stages: results.seconds, seconds, megabytes }));
