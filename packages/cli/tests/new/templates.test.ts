import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { type NewKind, type NewPackage, partsOf } from '../../src/new/new-package.ts';
import { packageFiles } from '../../src/new/package-files.ts';
import { manifest, pluginModule, programs, readme, trialExperiment } from '../../src/new/templates.ts';

interface Manifest {
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const read = (file: string) =>
  JSON.parse(readFileSync(new URL(`../../../../${file}`, import.meta.url), 'utf8')) as Manifest;
const written = ({ kind = 'scorer', language = 'ts' }: Partial<NewPackage>) =>
  JSON.parse(
    manifest({ kind, name: 'mine', language }, [{ kind: kind === 'plugin' ? 'hook' : kind, name: 'mine' }]),
  ) as Manifest;

describe('the package.json of a new package', () => {
  it('has farout of this version as a peer and for its tests, and no dependency', () => {
    const { version } = read('packages/cli/package.json');
    const { dependencies, peerDependencies, devDependencies } = written({});
    expect(dependencies).toBeUndefined();
    expect(peerDependencies).toEqual({ '@farout/core': `^${version}` });
    expect(devDependencies).toMatchObject({ '@farout/testing': `^${version}`, farout: `^${version}` });
  });

  it('takes the tensors of its backbone from farout too, and publishes its weights', () => {
    expect(Object.keys(written({ kind: 'backbone' }).peerDependencies)).toEqual(['@farout/core', '@farout/tensor']);
    expect(written({ kind: 'backbone' })).toMatchObject({ files: ['dist', 'weights'] });
  });

  it('supports the same versions of Node.js as farout', () => {
    expect(written({}).engines).toEqual(read('packages/cli/package.json').engines);
  });

  it.each(Object.entries(programs))('builds and tests TypeScript with %s as this repository does', (program, range) => {
    expect(range.replace('^', '')).toBe(read('package.json').devDependencies[program]!.replace('^', ''));
  });

  it('publishes what tsc builds of TypeScript, and JavaScript as it is, with nothing but farout installed', () => {
    expect(written({ language: 'ts' })).toMatchObject({ files: ['dist'], exports: { default: './dist/index.js' } });
    expect(written({ language: 'js' })).toMatchObject({ files: ['src'], exports: './src/index.js' });
    expect(Object.keys(written({ language: 'js' }).devDependencies)).toEqual(['@farout/testing', 'farout']);
  });

  it('gives nobody a licence before its author does', () => {
    expect(written({})).toMatchObject({ license: 'UNLICENSED' });
  });
});

describe('pluginModule', () => {
  it('imports every part from its file and brings each by its kind', () => {
    const parts = [
      { kind: 'hook', name: 'acme-hook' },
      { kind: 'scorer', name: 'acme-scorer' },
    ] as const;
    expect(pluginModule({ kind: 'plugin', name: 'acme', language: 'js' }, parts))
      .toBe(`import { definePlugin } from '@farout/core';
import { hook } from './acme-hook.js';
import { scorer } from './acme-scorer.js';

/** What this package adds to farout. */
export default definePlugin({
  name: 'acme',
  hooks: [hook],
  scorers: [scorer],
});
`);
  });
});

interface Trial {
  readonly backbone: string;
  readonly plugins: readonly string[];
  readonly detectors: Readonly<Record<string, unknown>>;
  readonly datasets: { readonly objects: unknown };
  readonly metrics: readonly string[];
}

const trial = (kind: NewKind) => {
  const wanted = { kind, name: 'mine', language: 'js' } as const;
  return parse(trialExperiment(wanted, partsOf(wanted))) as Trial;
};
const reference = { Energy: 'energy', ReAct: ['react', 'energy'] };

describe('trialExperiment', () => {
  it('loads the package from its source', () => {
    expect(trial('scorer').plugins).toEqual(['./src/index.js']);
  });

  it('puts a scorer beside energy and ReAct, and behind ReAct', () => {
    expect(trial('scorer').detectors).toEqual({ ...reference, mine: 'mine', 'ReAct + mine': ['react', 'mine'] });
  });

  it('puts a hook before energy, as ReAct is', () => {
    expect(trial('hook').detectors).toEqual({ ...reference, mine: ['mine', 'energy'] });
  });

  it('takes a backbone in the place of the one of the demonstration', () => {
    expect(trial('scorer').backbone).toBe('demo-resnet');
    expect(trial('backbone').backbone).toBe('mine');
  });

  it('tests on the images of a dataset', () => {
    expect(trial('dataset').datasets.objects).toEqual({ mine: { root: 'images' } });
  });

  it('adds a metric to the usual ones', () => {
    expect(trial('metric').metrics).toEqual(['fpr95', 'auroc', 'mine']);
  });

  it('puts the scorer of a plugin behind its hook too', () => {
    expect(trial('plugin').detectors).toMatchObject({ 'mine-hook + mine-scorer': ['mine-hook', 'mine-scorer'] });
  });
});

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
