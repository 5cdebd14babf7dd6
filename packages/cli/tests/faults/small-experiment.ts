import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from '@jest/globals';
import { runCli } from '../run-cli.ts';
import { spawnCli, type Ended, type Start } from '../spawn-cli.ts';

/** The demonstration's experiment. */
export const demo = fileURLToPath(new URL('../../../../configs/demo.yaml', import.meta.url));

/** A folder of a test's own. */
export const temporaryFolder = (): string => mkdtempSync(path.join(tmpdir(), 'farout-fault-'));

/**
 * The demonstration with 20 images a set, two OOD sets, one metric, and detectors that learn nothing, that learn, and that look at
 * images.
 */
export const small = [
  'ood=[noise, textures]',
  'metrics=[auroc]',
  'detectors={Energy: energy, ReAct: [react, energy], ODIN: odin}',
  ...['objects', 'validation', 'noise', 'textures'].map((set) => `datasets.${set}.demo-images.count=20`),
].flatMap((override) => ['--set', override]);

/** The words of a run of it: without a report, which no fault here concerns and which takes as long as the rest. */
export const runWords = (words: readonly string[] = []): string[] => [
  ...['run', demo, '--set', 'store=store', ...small, '--no-report'],
  ...words,
];

/** `farout run` of it in a folder: the store is `store` there, the run `runs/demo`, unless the words say otherwise. */
export const runSmall = (folder: string, words: readonly string[] = []): Promise<Ended> =>
  runCli(runWords(words), { cwd: folder });

/** The same in a process of its own. */
export const spawnSmall = (folder: string, words: readonly string[] = [], start: Start = {}): Promise<Ended> =>
  spawnCli(runWords(words), { cwd: folder, ...start });

/** What such a run says when the store has all that it needs. */
export const nothingRead: unknown = expect.stringMatching(
  /^Opening .*\n(.* in \d+ s\n)?The store keeps .*\n0 images read, all 80 in the store\.\n$/,
);

export const scoresOf = (folder: string, run = 'runs/demo'): string =>
  readFileSync(path.join(folder, run, 'scores.csv'), 'utf8');

/** All files below a folder, relative. */
export const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();

/** Whether a command of the system works here. */
export function works(command: string, ...words: string[]): boolean {
  try {
    execFileSync(command, words, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
