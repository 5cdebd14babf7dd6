import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { FaroutError, FaroutErrors } from '@farout/core';
import { blocks, files, pathOf, type FencedBlock } from './fenced-blocks.ts';
import { Workplace } from './workplace.ts';

const workplace = new Workplace();
afterAll(() => workplace.remove());

const [yaml, code] = [['yaml'], ['js', 'ts']].map((languages) =>
  blocks.filter(({ language }) => languages.includes(language)),
) as [FencedBlock[], FencedBlock[]];
const titled = (of: readonly FencedBlock[]) => of.map((block) => [block.file ?? block.place, block] as const);

const isDataset = ({ file }: FencedBlock) => file?.startsWith('datasets/') === true;
const experiments = yaml.filter((block) => block.file !== undefined && !isDataset(block));
const fragments = yaml.filter(({ file }) => file === undefined);

/** A whole experiment whose keys a fragment replaces. */
const base = files.find(({ file }) => file === 'configs/small.yaml')!.text;
/** The text of each key of an experiment. */
const keysOf = (text: string) =>
  new Map(
    text
      .split(/^(?=\w)/m)
      .filter((each) => /^\w/.test(each))
      .map((each) => [each.split(':')[0]!, each]),
  );

/** What an experiment is said to lack, but for files behind addresses, which nothing loads unasked. */
async function lackedBy(file: string): Promise<readonly unknown[]> {
  try {
    await workplace.load(file);
    return [];
  } catch (error) {
    const errors = error instanceof FaroutErrors ? error.errors : [error];
    return errors.filter((each) => !(each instanceof FaroutError && each.address !== undefined));
  }
}

describe('the blocks of the documents', () => {
  it('say what they are, and no two are the same file', () => {
    const languages = [
      'yaml',
      'sh',
      'bash',
      'js',
      'ts',
      'python',
      'cpp',
      'java',
      'html',
      'text',
      'json',
      'mermaid',
      'ini',
      'dockerfile',
      'nginx',
      'protobuf',
    ];
    const unknown = blocks.filter(({ language }) => !languages.includes(language));
    expect(unknown.map(({ place }) => place)).toEqual([]);
    expect([...new Set(files.map(({ file }) => file))]).toHaveLength(files.length);
  });

  it.each(titled(experiments))('hold experiments that are valid: %s', async (_title, { file }) => {
    await expect(lackedBy(file!)).resolves.toEqual([]);
  });

  it.each(titled(fragments))('hold parts of experiments that are valid: %s', async (_title, { document, text }) => {
    const { file: beside } = files.find((other) => other.document === document) ?? { file: 'configs/small.yaml' };
    const folder = path.dirname(beside);
    const file = `${folder}/fragment.yaml`;
    workplace.write(file, [...new Map([...keysOf(base), ...keysOf(text)]).values()].join('\n'));
    await expect(workplace.load(file)).resolves.toBeDefined();
  });

  it.each(titled(yaml.filter(isDataset)))('hold datasets that are found: %s', async (_title, { file }) => {
    const { name } = path.parse(file!);
    const { datasets } = await workplace.load('configs/small.yaml', [`ood=[${name}]`]);
    expect(datasets.has(name)).toBe(true);
  });

  it('hold code that is saved as a file and, where it is TypeScript, has the right types', () => {
    expect(code.filter(({ file }) => file === undefined).map(({ place }) => place)).toEqual([]);
    const compilerOptions = { composite: false, noEmit: true, allowImportingTsExtensions: true };
    const typed = files.filter(({ language }) => language === 'ts').map(({ file }) => file);
    const settings = { extends: pathOf('tsconfig.base.json'), compilerOptions, files: typed };
    workplace.write('tsconfig.json', JSON.stringify(settings));
    const tsc = spawnSync(process.execPath, [pathOf('node_modules/typescript-native/bin/tsc'), '-p', workplace.folder]);
    expect(tsc.stdout.toString()).toBe('');
  });
});
