import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { codeOfFolders, codeOfModule } from '../../src/plugins/code.ts';
import { temporaryFolder } from '../fixtures/tiny.ts';

/** A plugin of several files, of which one imports the first again, and a package that it depends on. */
async function codeOf({
  helper = 'export const one = 1;',
  deeper = '',
  version = '1.0.0',
  beside = '',
  root = '1.0.0',
}): Promise<string> {
  const folder = await temporaryFolder();
  const write = async (name: string, text: string) => {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  };
  await write(
    'plugin.ts',
    "import { one } from './lib/helper.js';\nimport tree from 'tree';\nexport default [one, tree];",
  );
  await write('lib/helper.ts', `import '../plugin.ts';\nexport { two } from './deeper';\n${helper}`);
  await write('lib/deeper.mjs', `export const two = 2;\n${deeper}`);
  await write('lib/beside.ts', beside);
  await write(
    'node_modules/tree/package.json',
    JSON.stringify({ name: 'tree', version, dependencies: { root: '^1' } }),
  );
  await write('node_modules/root/package.json', JSON.stringify({ name: 'root', version: root }));
  return codeOfModule(path.join(folder, 'plugin.ts'));
}

describe('codeOfModule', () => {
  it.each([
    ['a helper', { helper: 'export const one = 2;' }],
    ["a helper's helper", { deeper: '// more' }],
    ['the version of a package', { version: '1.0.1' }],
    ['the version of what a package depends on', { root: '1.0.1' }],
  ])('changes with %s', async (_title, change) => {
    expect(await codeOf({})).not.toBe(await codeOf(change));
  });

  it('does not change with the folder, nor with what lies beside the modules', async () => {
    expect(await codeOf({})).toBe(await codeOf({ beside: 'export {};' }));
  });
});

describe('codeOfFolders', () => {
  it('changes with a source and with its name, and with nothing else', async () => {
    const [one, other] = [await temporaryFolder(), await temporaryFolder()];
    await writeFile(path.join(one, 'a.ts'), 'export {};');
    await writeFile(path.join(other, 'a.ts'), 'export {};');
    await writeFile(path.join(other, 'a.d.ts'), 'export {};');
    await writeFile(path.join(other, 'notes.md'), 'no code');
    const code = codeOfFolders([one]);
    expect(codeOfFolders([other])).toBe(code);
    await writeFile(path.join(other, 'b.mjs'), '');
    expect(codeOfFolders([other])).not.toBe(code);
  });
});
