import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { manifest, programs } from '../../src/new/manifest.ts';
import type { NewPackage } from '../../src/new/new-package.ts';

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
