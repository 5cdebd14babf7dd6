import { describe, expect, it } from '@jest/globals';
import { type NewPackage, partsOf } from '../../src/new/new-package.ts';
import { packageFiles } from '../../src/new/package-files.ts';
import { readme } from '../../src/new/templates.ts';

const plugin: NewPackage = { kind: 'plugin', name: 'acme', language: 'ts' };

describe('the README of a new package', () => {
  it('names every source, and no file that is not there', async () => {
    const files = Object.keys(await packageFiles(plugin));
    const named = [...readme(plugin, partsOf(plugin)).matchAll(/`(src\/[\w.-]+)`/g)].map(([, file]) => file!);
    expect(named.sort()).toEqual(files.filter((file) => file.startsWith('src/')).sort());
  });

  it('names only scripts that there are', async () => {
    const { scripts } = JSON.parse((await packageFiles(plugin))['package.json'] as string) as { scripts: object };
    const run = [...readme(plugin, partsOf(plugin)).matchAll(/^npm (?:run )?(\w+)$/gm)].map(([, script]) => script!);
    expect(run.filter((script) => script !== 'install')).toEqual(['test']);
    expect(scripts).toHaveProperty('test');
  });

  it('says what must be done before it is published', () => {
    expect(readme(plugin, partsOf(plugin))).toMatch(/Choose a licence[^]*npm publish/);
  });
});
