import { describe, expect, it } from '@jest/globals';
import type { FaroutError } from '@farout/core';
import { loadPlugin } from '../../src/plugins/load.ts';
import { folderOf } from '../config/fixture.ts';

const margin = `import { definePlugin } from '@farout/core'; export default definePlugin({ name: 'margin' });`;
const loadFrom = (folder: string, specifier: string) => loadPlugin({ specifier, folder });

describe('a plugin that is not where or what the experiment says', () => {
  it.each([
    ['./margn.mjs', 'Did you mean "./margin.mjs"?'],
    ['./margin.ts', 'Did you mean "./margin.mjs"?'],
    ['./plugin/other.mjs', 'Did you mean "./plugins/other.mjs"?'],
    ['margin.mjs', 'Did you mean the file "./margin.mjs"?'],
    ['margn.mjs', 'Did you mean the file "./margin.mjs"?'],
    ['plugins/other.mjs', 'Did you mean the file "./plugins/other.mjs"?'],
    ['.\\margin.mjs', 'Write / for \\: "./margin.mjs".'],
    ['C:\\plugins\\margin.mjs', '/mnt/c/plugins/margin.mjs'],
    ['~/margin.mjs', 'write "${HOME}/margin.mjs"'],
  ])('suggests the file that is meant by %s', async (specifier, fix) => {
    const folder = folderOf({ 'margin.mjs': margin, 'plugins/other.mjs': margin });
    await expect(loadFrom(folder, specifier)).rejects.toMatchObject({
      code: 'OOD_PLUGIN_FAILED',
      message: `the plugin "${specifier}" cannot be found`,
      fix: expect.stringContaining(fix) as unknown,
    });
  });

  it.each([
    ['node:fs', 'is a Node.js module, not a package or file'],
    ['fs/promises', 'is a Node.js module, not a package or file'],
    ['node:nothing', 'is a Node.js module, not a package or file'],
    ['https://example.org/x.js', 'is an address ("https:"), not a package or file'],
    ['https:', 'is an address ("https:")'],
    ['data:text/javascript,export%20default%201', 'is an address ("data:")'],
    ['file:///nowhere.mjs', 'is an address ("file:")'],
    ['npm:margin', 'is an address ("npm:")'],
  ])('is neither a module of Node nor one of the network: %s', async (specifier, message) => {
    await expect(loadFrom(folderOf({}), specifier)).rejects.toMatchObject({
      code: 'OOD_PLUGIN_FAILED',
      message: expect.stringContaining(message) as unknown,
      fix: expect.stringContaining('Name an installed package') as unknown,
    });
  });

  it.each([
    ['an empty file', './empty.mjs', 'OOD_PLUGIN_INVALID'],
    ['a file of the kernel, some of which never end', '/proc/kmsg', 'OOD_PLUGIN_INVALID'],
    ['a folder', './folder', 'OOD_PLUGIN_FAILED'],
    ['a name that is longer than names can be', `./${'x'.repeat(300)}.mjs`, 'OOD_PLUGIN_FAILED'],
    ['a package with a name of a megabyte', 'x'.repeat(1e6), 'OOD_PLUGIN_FAILED'],
    ['a name with a zero byte', './a\0.mjs', 'OOD_PLUGIN_FAILED'],
  ])('is refused when it is %s', async (_, specifier, code) => {
    const folder = folderOf({ 'empty.mjs': '', 'folder/a.txt': '' });
    const refused = loadFrom(folder, specifier).catch((error: unknown) => error as FaroutError);
    expect(await refused).toMatchObject({ code });
    expect(((await refused) as FaroutError).message.length).toBeLessThan(300);
  });
});
