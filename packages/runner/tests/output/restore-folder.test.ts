import { randomUUID } from 'node:crypto';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { restoreFolder } from '../../src/output/restore-folder.ts';
import { temporaryFolder } from '../fixtures/tiny.ts';

let folder: string;
const at = (...names: string[]) => path.join(folder, ...names);

beforeEach(async () => {
  folder = await temporaryFolder();
});

async function filled(name: string, content: string): Promise<void> {
  await mkdir(at(name));
  await writeFile(at(name, 'file'), content);
}

describe('restoreFolder', () => {
  it('puts back what a killed process had moved away', async () => {
    await filled(`run.${randomUUID()}.old`, 'former');
    await restoreFolder(at('run'));
    expect(await readdir(folder)).toEqual(['run']);
    expect(await readFile(at('run', 'file'), 'utf8')).toBe('former');
  });

  it('leaves alone a folder that is there, and what belongs to others or was not finished', async () => {
    const names = [`run.${randomUUID()}.tmp`, `other.${randomUUID()}.old`, 'run.old'];
    for (const name of names) await filled(name, '');
    await restoreFolder(at('run'));
    expect((await readdir(folder)).sort()).toEqual([...names].sort());
    await filled('run', 'present');
    await filled(`run.${randomUUID()}.old`, 'former');
    await restoreFolder(at('run'));
    expect(await readFile(at('run', 'file'), 'utf8')).toBe('present');
  });

  it('does nothing where nothing is', async () => {
    await restoreFolder(at('nowhere', 'run'));
    expect(await readdir(folder)).toEqual([]);
  });
});
