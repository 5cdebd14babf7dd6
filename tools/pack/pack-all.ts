import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { stageOnnxruntime } from './stage-onnxruntime.ts';
import { type Release, stagePackage } from './stage-package.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** How to write archives. */
export interface PackOptions {
  /** Whether to pack onnxruntime only for this machine's platform. */
  readonly here: boolean;
  /** Release data for the manifests; default: as in the repository. */
  readonly release?: Release;
}

/**
 * Writes the built packages into a folder as the archives that npm publishes, and onnxruntime with them.
 *
 * @throws Error when npm fails; npm prints the reason.
 */
export function packAll(destination: string, { here, release }: PackOptions): void {
  mkdirSync(destination, { recursive: true });
  const staged = mkdtempSync(path.join(tmpdir(), 'farout-pack-'));
  try {
    const folders = readdirSync(path.join(root, 'packages')).map((name) => stage(name, staged, release));
    const onnxruntime = path.join(staged, 'onnxruntime');
    stageOnnxruntime(path.join(root, 'node_modules', 'onnxruntime-node'), onnxruntime, here, release?.repository);
    const words = ['pack', ...folders, onnxruntime, '--silent', '--pack-destination', destination];
    const { status } = spawnSync('npm', words, { stdio: ['ignore', 'ignore', 2], shell: process.platform === 'win32' });
    if (status !== 0) throw new Error('npm could not pack the packages. See its message above.');
  } finally {
    rmSync(staged, { recursive: true });
  }
}

function stage(name: string, below: string, release: Release | undefined): string {
  const to = path.join(below, name);
  stagePackage(path.join(root, 'packages', name), to, path.join(root, 'LICENSE'), release);
  return to;
}
