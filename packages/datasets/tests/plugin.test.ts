import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { datasets } from '../src/index.ts';

const sources = new URL('../src/', import.meta.url);
const files = readdirSync(sources).filter((file) => file.endsWith('.ts'));

describe('the plugin of the built-in datasets', () => {
  it('brings every dataset of the folder, each under the name of its file', () => {
    const defining = files.filter((file) => readFileSync(new URL(file, sources), 'utf8').includes(' = defineDataset('));
    expect(defining).not.toEqual([]);
    const names = datasets.datasets!.map(({ name }) => `${name}.ts`);
    expect(names.sort()).toEqual(defining.sort());
  });
});
