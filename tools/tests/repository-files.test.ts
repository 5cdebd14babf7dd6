import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import semver from 'semver';
import { parse } from 'yaml';
import { repository } from '../farout-process.ts';
import { unreleased } from '../release/changelog.ts';

const text = (file: string) => readFileSync(path.join(repository, file), 'utf8');
const yaml = (file: string) => parse(text(file)) as Record<string, never>;
const manifest = JSON.parse(text('package.json')) as {
  version: string;
  license: string;
  engines: { node: string };
  scripts: object;
};
const foldersIn = (folder: string) =>
  readdirSync(path.join(repository, folder)).filter((name) =>
    existsSync(path.join(repository, folder, name, 'package.json')),
  );

describe('the packages', () => {
  it.each(foldersIn('packages'))('have one version, licence and range of Node: %s', (name) => {
    const { version, license, engines } = manifest;
    expect(JSON.parse(text(`packages/${name}/package.json`))).toMatchObject({ version, license, engines });
  });
});

describe('CITATION.cff', () => {
  it('names what the format demands, and the version and licence of the packages', () => {
    const cited = yaml('CITATION.cff');
    expect(Object.keys(cited)).toEqual(expect.arrayContaining(['cff-version', 'message', 'title', 'authors']));
    expect(cited).toMatchObject({ version: manifest.version, license: manifest.license });
    expect(String(cited['date-released'])).toMatch(/^\d{4}-\d\d-\d\d$/);
  });
});

describe('CHANGELOG.md', () => {
  it('has a section for the next version', () => {
    expect(() => unreleased(text('CHANGELOG.md'))).not.toThrow();
  });
});

describe('.editorconfig', () => {
  it("agrees with Prettier's settings", () => {
    const { printWidth } = JSON.parse(text('.prettierrc.json')) as { printWidth: number };
    const [, ofCode] = text('.editorconfig').split('[*.{ts,js,mjs}]\n');
    expect(ofCode!.split('\n')[0]).toBe(`max_line_length = ${printWidth}`);
    // Prettier's own defaults, which no setting changes.
    expect(text('.editorconfig')).toContain('indent_size = 2');
    expect(text('.editorconfig')).toContain('end_of_line = lf');
  });
});

describe('the workflows', () => {
  it('run .ci/run on a version of every line of Node that is supported', () => {
    const ci = text('.github/workflows/ci.yml');
    expect(ci).toContain('- run: .ci/run\n');
    const [, listed] = /node: \[([\d, ]+)\]/.exec(ci)!;
    const majors = listed!.split(', ').map(Number);
    const supported = [18, 20, 22, 24].filter((major) => semver.satisfies(`${major}.99.0`, manifest.engines.node));
    expect(majors).toEqual(supported);
  });

  it('start scripts that there are', () => {
    const scripts = [...text('.github/workflows/release.yml').matchAll(/npm run ([\w-]+)/g)].map(([, name]) => name!);
    expect(scripts).toContain('release');
    for (const name of scripts) expect(manifest.scripts).toHaveProperty(name);
  });

  it.each(readdirSync(path.join(repository, '.github/ISSUE_TEMPLATE')))('and templates are YAML: %s', (name) => {
    expect(yaml(`.github/ISSUE_TEMPLATE/${name}`)).toBeInstanceOf(Object);
  });
});
