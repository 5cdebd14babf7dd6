import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { checkReplaceable, writeRun } from '../../src/output/write-run.ts';
import { temporaryFolder } from '../fixtures/tiny.ts';

describe('writeRun', () => {
  it('puts all files in the place of a former run and leaves nothing else behind', async () => {
    const folder = await temporaryFolder();
    const out = path.join(folder, 'runs', 'a');
    await writeRun(out, [
      { file: 'results.json', content: ['1'] },
      { file: 'old.txt', content: ['x'] },
    ]);
    await writeRun(out, [
      { file: 'results.json', content: ['2'] },
      { file: 'deep/new.txt', content: ['a', 'b'] },
    ]);
    expect((await readdir(out)).sort()).toEqual(['deep', 'results.json']);
    expect(await readFile(path.join(out, 'deep/new.txt'), 'utf8')).toBe('ab');
    expect(await readdir(path.join(folder, 'runs'))).toEqual(['a']);
  });

  it('keeps the former run when writing fails', async () => {
    const folder = await temporaryFolder();
    const out = path.join(folder, 'a');
    await writeRun(out, [{ file: 'results.json', content: ['1'] }]);
    const failing = {
      file: 'results.json',
      content: (function* () {
        yield 'half';
        throw new Error('no more');
      })(),
    };
    await expect(writeRun(out, [failing])).rejects.toMatchObject({ code: 'OOD_OUTPUT_FAILED' });
    expect(await readFile(path.join(out, 'results.json'), 'utf8')).toBe('1');
    expect(await readdir(folder)).toEqual(['a']);
  });
});

describe('checkReplaceable', () => {
  it('accepts what is absent, empty, or a run, and refuses anything else', async () => {
    const folder = await temporaryFolder();
    await checkReplaceable(path.join(folder, 'absent'));
    await mkdir(path.join(folder, 'empty'));
    await checkReplaceable(path.join(folder, 'empty'));
    await writeRun(path.join(folder, 'run'), [{ file: 'results.json', content: ['1'] }]);
    await checkReplaceable(path.join(folder, 'run'));
    await expect(checkReplaceable(folder)).rejects.toMatchObject({ code: 'OOD_OUTPUT_FAILED' });
    await writeFile(path.join(folder, 'file'), '');
    await expect(checkReplaceable(path.join(folder, 'file'))).rejects.toMatchObject({ code: 'OOD_OUTPUT_FAILED' });
  });
});
