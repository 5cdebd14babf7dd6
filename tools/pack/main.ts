import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { stageOnnxruntime } from './stage-onnxruntime.ts';
import { stagePackage } from './stage-package.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

function packAll(destination: string, here: boolean): void {
  mkdirSync(destination, { recursive: true });
  const staged = mkdtempSync(path.join(tmpdir(), 'farout-pack-'));
  try {
    const folders = readdirSync(path.join(root, 'packages')).map((name) => stage(name, path.join(staged, name)));
    stageOnnxruntime(path.join(root, 'node_modules', 'onnxruntime-node'), path.join(staged, 'onnxruntime'), here);
    folders.push(path.join(staged, 'onnxruntime'));
    const words = ['pack', ...folders, '--silent', '--pack-destination', destination];
    const { status } = spawnSync('npm', words, { stdio: 'inherit', shell: process.platform === 'win32' });
    if (status !== 0) process.exitCode = 1;
  } finally {
    rmSync(staged, { recursive: true });
  }
}

function stage(name: string, to: string): string {
  stagePackage(path.join(root, 'packages', name), to, path.join(root, 'LICENSE'));
  return to;
}

const { positionals, values } = parseArgs({ allowPositionals: true, options: { here: { type: 'boolean' } } });
const [folder, ...rest] = positionals;
if (folder !== undefined && rest.length === 0)
  packAll(path.resolve(process.env.INIT_CWD ?? '.', folder), values.here ?? false);
else {
  console.error('Say into which folder: npm run pack -- <folder> [--here]');
  process.exitCode = 2;
}
