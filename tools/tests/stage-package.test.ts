import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { stagePackage } from '../pack/stage-package.ts';

let folder: string;
const at = (file: string) => path.join(folder, file);
function write(file: string, text = ''): void {
  mkdirSync(path.dirname(at(file)), { recursive: true });
  writeFileSync(at(file), text);
}
const stage = () => stagePackage(at('sample'), at('staged'), at('LICENSE'));
const staged = () =>
  readdirSync(at('staged'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.relative(at('staged'), path.join(parentPath, name)).replaceAll('\\', '/'))
    .sort();

const manifest = {
  name: 'sample',
  version: '1.2.3',
  exports: { '.': { '@farout/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' } },
  files: ['dist', 'README.md', 'LICENSE'],
  dependencies: { zod: '4.6.7' },
  devDependencies: { jest: '30.5.2' },
  nx: { tags: [] },
};

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'farout-stage-'));
  write('LICENSE', 'the licence');
  write('sample/package.json', JSON.stringify(manifest));
  write('sample/README.md', '# sample');
  for (const name of ['index', 'deep/part']) {
    write(`sample/src/${name}.ts`);
    for (const kind of ['js', 'd.ts']) write(`sample/dist/${name}.${kind}`);
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('what is published of a package', () => {
  it('is what its manifest names, and the licence of the repository', () => {
    write('sample/tests/index.test.ts');
    stage();
    expect(staged()).toEqual([
      'LICENSE',
      'README.md',
      'dist/deep/part.d.ts',
      'dist/deep/part.js',
      'dist/index.d.ts',
      'dist/index.js',
      'package.json',
    ]);
    expect(readFileSync(at('staged/LICENSE'), 'utf8')).toBe('the licence');
  });

  it('lacks what was compiled of a source that is gone, and what the compiler notes for itself', () => {
    for (const file of ['old.js', 'old.d.ts', 'gone/part.js', '.tsbuildinfo']) write(`sample/dist/${file}`);
    stage();
    expect(staged().filter((file) => /old|gone|tsbuildinfo/.test(file))).toEqual([]);
    expect(existsSync(at('staged/dist/gone'))).toBe(false);
  });

  it('has a manifest without what serves the repository alone', () => {
    stage();
    expect(JSON.parse(readFileSync(at('staged/package.json'), 'utf8'))).toEqual({
      name: 'sample',
      version: '1.2.3',
      exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
      files: ['dist', 'README.md', 'LICENSE'],
      dependencies: { zod: '4.6.7' },
      publishConfig: { access: 'public', provenance: true },
    });
  });

  it('has the version of a release, needs the others in this one, and says from which repository it comes', () => {
    const dependencies = { '@farout/core': '1.2.3', zod: '4.6.7' };
    write('sample/package.json', JSON.stringify({ ...manifest, dependencies }));
    const repository = 'git+https://forge.example/farout.git';
    stagePackage(at('sample'), at('staged'), at('LICENSE'), { version: '2.0.0', repository });
    expect(JSON.parse(readFileSync(at('staged/package.json'), 'utf8'))).toMatchObject({
      version: '2.0.0',
      dependencies: { '@farout/core': '2.0.0', zod: '4.6.7' },
      repository: { type: 'git', url: repository, directory: 'packages/sample' },
    });
  });

  it('depends on what it imports elsewhere, where the repository has another package in its place', () => {
    const imports = { '#engine': { '@farout/source': 'engine', default: '@farout/engine' } };
    write(
      'sample/package.json',
      JSON.stringify({ ...manifest, imports, dependencies: { engine: '1.2.3', zod: '4.6.7' } }),
    );
    stage();
    expect(JSON.parse(readFileSync(at('staged/package.json'), 'utf8'))).toMatchObject({
      imports: { '#engine': { default: '@farout/engine' } },
      dependencies: { '@farout/engine': '1.2.3', zod: '4.6.7' },
    });
  });

  it('is refused where the manifest names what is not there', () => {
    rmSync(at('sample/README.md'));
    expect(stage).toThrow(/README\.md/);
  });
});
