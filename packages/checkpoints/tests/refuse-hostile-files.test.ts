import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { compile } from './hostile/compile.ts';
import { hostileFiles } from './hostile/hostile-files.ts';
import { pythonWith } from './parts/surroundings.ts';

/** Node and the libraries take 70 MB of them before a file is read. */
const mostMegabytes = 200;

interface Outcome {
  readonly file: string;
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly peakMegabytes?: number;
}

const folder = mkdtempSync(join(tmpdir(), 'farout-hostile-'));
const marker = join(folder, 'code-has-run');
const files = hostileFiles(marker);
const pathOf = (index: number) => join(folder, String(index));
const special = ['a pipe', 'a folder', 'a link to itself', 'an endless device', 'nothing'].map((title) =>
  title === 'an endless device' ? '/dev/zero' : join(folder, title),
);
let outcomes: ReadonlyMap<string, Outcome>;

/** Every large file is read by a process of its own, so that it doesn't pay for what another left; one reads the others. */
beforeAll(() => {
  files.forEach(({ bytes }, index) => writeFileSync(pathOf(index), bytes));
  execFileSync('mkfifo', [special[0]!]);
  execFileSync('mkdir', [special[1]!]);
  symlinkSync(special[2]!, special[2]!);
  const reader = compile('read-files.ts', folder);
  const paths = [...files.keys()].map(pathOf);
  const large = paths.filter((_, index) => files[index]!.bytes.length > 100_000);
  const small = paths.filter((file) => !large.includes(file));
  const read = (...words: string[]) =>
    execFileSync(process.execPath, [reader, ...words], { encoding: 'utf8', timeout: 1_200_000 })
      .trimEnd()
      .split('\n');
  const lines = [...large.flatMap((file) => read(file)), ...read(...small, ...special)];
  outcomes = new Map(lines.map((line) => JSON.parse(line) as Outcome).map((outcome) => [outcome.file, outcome]));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe(`${files.length + special.length} hostile files`, () => {
  it.each(files.map(({ title, message }, index) => ({ title, message, index })))(
    'refuses $title',
    ({ message, index }) => {
      const outcome = outcomes.get(pathOf(index));
      expect(outcome).toMatchObject({ name: 'FaroutError', code: 'OOD_CHECKPOINT_REFUSED' });
      expect(outcome!.message).toMatch(message);
      expect(outcome!.message).toContain(pathOf(index));
    },
  );

  it.each(special)('does not find a file at %s', (file) => {
    expect(outcomes.get(file)).toMatchObject({ code: 'OOD_MISSING_FILE', message: expect.stringContaining(file) });
  });

  const measured = existsSync('/proc/self/status');
  (measured ? it : it.skip)(
    `took no more than ${mostMegabytes} MB of memory${measured ? '' : ' (skipped: only Linux counts it)'}`,
    () => {
      expect(Math.max(...[...outcomes.values()].map(({ peakMegabytes }) => peakMegabytes!))).toBeLessThanOrEqual(
        mostMegabytes,
      );
    },
  );

  it('have run nothing', () => {
    expect(outcomes.size).toBe(files.length + special.length);
    expect(existsSync(marker)).toBe(false);
  });

  const python = pythonWith('torch');
  (python ? it : it.skip)(`are run by PyTorch${python ? '' : ' (skipped: no python3 here has torch)'}`, () => {
    const load = `
import sys, torch
for path in sys.argv[1:]:
    try: torch.load(path)
    except Exception: pass`;
    python!(load, pathOf(0), pathOf(1));
    expect(existsSync(marker)).toBe(true);
  });
});
