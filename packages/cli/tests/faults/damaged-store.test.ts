import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { runCli } from '../run-cli.ts';
import type { Ended } from '../spawn-cli.ts';
import { demo, filesBelow, runSmall, scoresOf, small, temporaryFolder } from './small-experiment.ts';

/** With its report, whose thumbnails and charts the store keeps too. */
const runReported = (cwd: string) => runCli(['run', demo, '--set', 'store=store', ...small], { cwd });

let whole: string;
let folder: string;
const inStore = (key: string) => path.join(folder, 'store', key);

beforeAll(async () => {
  whole = temporaryFolder();
  expect(await runReported(whole)).toMatchObject({ code: 0 });
});

beforeEach(() => {
  folder = temporaryFolder();
  cpSync(whole, folder, { recursive: true, preserveTimestamps: true });
});

const entries = (pattern: RegExp) => {
  const found = filesBelow(path.join(folder, 'store')).filter((key) => pattern.test(key));
  expect(found).not.toEqual([]);
  return found;
};

/** Turns one bit in the middle of a file. */
function flip(file: string): void {
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(file, bytes);
}

async function expectRemade(
  damages: readonly (readonly [string[], (file: string) => void])[],
  run: (cwd: string) => Promise<Ended>,
): Promise<void> {
  for (const [keys, damage] of damages) for (const key of keys) damage(inStore(key));
  const { code, stderr } = await run(folder);
  expect(code).toBe(0);
  for (const key of damages.flatMap(([keys]) => keys)) {
    expect(stderr).toContain(`The store's entry ${key} is damaged; its content is computed again.`);
  }
  expect(scoresOf(folder)).toBe(scoresOf(whole));
  expect((await run(folder)).stderr).not.toContain('damaged');
}

const cut = (file: string) => truncateSync(file, readFileSync(file).length - 100);
const empty = (file: string) => truncateSync(file, 0);
const garble = (file: string) => writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/\d/g, '7'));

describe('a damaged store', () => {
  it('is noticed, each entry named, and made again, whatever was done to which entries', async () => {
    const damages: [string[], (file: string) => void][] = [
      [entries(/^readings.*\.npy$/), cut],
      [entries(/^learnt.*\.npy$/), flip],
      [entries(/^thumbnails/), garble],
      [entries(/^drawings/), garble],
    ];
    await expectRemade(damages, runReported);
  });

  it('is noticed by its manifests too, and by the graph of the workers, also one of the right length', async () => {
    const damages: [string[], (file: string) => void][] = [
      [entries(/^readings.*[\da-f]{64}\.json$/), garble],
      [entries(/^learnt.*\.json$/), empty],
      [entries(/^graphs/), flip],
    ];
    await expectRemade(damages, runSmall);
  });

  it('does without entries that are gone', async () => {
    for (const key of entries(/\.npy$/)) rmSync(inStore(key));
    expect(await runSmall(folder)).toMatchObject({ code: 0, stderr: expect.not.stringContaining('damaged') });
    expect(scoresOf(folder)).toBe(scoresOf(whole));
  });
});
