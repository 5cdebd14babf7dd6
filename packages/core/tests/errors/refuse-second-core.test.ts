import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const source = pathOf('../../src');

/** A copy of the sources, as a second installation would be, in a folder whose name a URL would write otherwise. */
function copied(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'farout core ä % #'));
  cpSync(source, path.join(folder, 'src'), { recursive: true });
  symlinkSync(pathOf('../../../../node_modules'), path.join(folder, 'node_modules'));
  return path.join(folder, 'src');
}

/** Imports the index of each folder, one after the other; says the code of what is thrown, and its message. */
function load(...folders: string[]): string {
  const urls = folders.map((folder) => pathToFileURL(path.join(folder, 'index.ts')).href);
  const script = `try { for (const url of ${JSON.stringify(urls)}) await import(url); console.log('loaded'); } catch (error) { console.log(error.code, error.message); }`;
  const loader = pathToFileURL(pathOf('../../../../tools/ts.mjs')).href;
  const words = ['--import', loader, '--input-type', 'module', '--eval', script];
  return spawnSync(process.execPath, words, { encoding: 'utf8' }).stdout.trim();
}

describe('@farout/core', () => {
  it('is loaded from one place as often as one likes', () => {
    expect(load(source, source)).toBe('loaded');
    expect(load(copied())).toBe('loaded');
  });

  it('refuses to be loaded from two places, and names them', () => {
    const second = copied();
    const said = load(source, second);
    expect(said).toMatch(/^OOD_CORE_TWICE @farout\/core is loaded from two places: /);
    expect(said).toContain(source);
    expect(said).toContain(second);
  });
});
