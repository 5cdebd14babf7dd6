import { mkdir, readFile, readdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { replaceFolder } from '../../src/output/replace-folder.ts';
import { temporaryFolder } from '../fixtures/tiny.ts';

let folder: string;
const at = (...names: string[]) => path.join(folder, ...names);

beforeEach(async () => {
  folder = await temporaryFolder();
});

async function filled(name: string, content: string): Promise<string> {
  await mkdir(at(name));
  await writeFile(at(name, 'file'), content);
  return at(name);
}

describe('replaceFolder', () => {
  it('puts a folder where none was, and where one was', async () => {
    for (const content of ['one', 'two']) {
      await replaceFolder(at('run'), await filled('fresh', content));
      expect(await readFile(at('run', 'file'), 'utf8')).toBe(content);
      expect(await readdir(folder)).toEqual(['run']);
    }
  });

  it('lets many at once each put a whole folder there, one of which stays', async () => {
    const fresh = await Promise.all(Array.from({ length: 20 }, (_, i) => filled(`fresh${i}`, `content ${i}`)));
    await Promise.all(fresh.map((one) => replaceFolder(at('run'), one)));
    expect(await readdir(folder)).toEqual(['run']);
    expect(await readFile(at('run', 'file'), 'utf8')).toMatch(/^content \d+$/);
  });

  it('puts the former folder back when it fails', async () => {
    await filled('run', 'former');
    await expect(replaceFolder(at('run'), at('absent'))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readFile(at('run', 'file'), 'utf8')).toBe('former');
    expect(await readdir(folder)).toEqual(['run']);
  });

  it('removes what a killed process left there days ago, and nothing else', async () => {
    const [old, young] = [`run.${randomUUID()}.tmp`, `run.${randomUUID()}.old`];
    for (const name of [old, young, 'run.tmp', 'running.tmp']) await filled(name, '');
    for (const name of [old, 'run.tmp', 'running.tmp']) await utimes(at(name), 1, 1);
    await replaceFolder(at('run'), await filled('fresh', ''));
    expect((await readdir(folder)).sort()).toEqual(['run', 'run.tmp', young, 'running.tmp'].sort());
  });
});
