import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { checkPackage } from '../../release/check-package.ts';

let folder: string;
function write(file: string, text = ''): void {
  const target = path.join(folder, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, text);
}
const repository = 'git+https://forge.example/farout.git';
const manifest = {
  name: '@farout/sample',
  version: '2.0.0',
  license: 'Apache-2.0',
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
  bin: { sample: './dist/main.js' },
  dependencies: { '@farout/core': '2.0.0', zod: '4.6.7' },
  repository: { type: 'git', url: repository, directory: 'packages/sample' },
  publishConfig: { access: 'public', provenance: true },
};
const says = (changes: object = {}) => write('package.json', JSON.stringify({ ...manifest, ...changes }));
const faults = (release = { version: '2.0.0', repository }) => checkPackage(folder, release).faults;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'farout-checked-'));
  for (const file of ['README.md', 'LICENSE', 'dist/index.js', 'dist/index.d.ts', 'dist/main.js']) write(file);
  says();
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a package that is to be published', () => {
  it('has no fault where everything is there', () => {
    expect(checkPackage(folder, { version: '2.0.0', repository })).toMatchObject({
      name: '@farout/sample',
      version: '2.0.0',
      files: 6,
      faults: [],
    });
  });

  it.each(['README.md', 'LICENSE', 'dist/index.d.ts', 'dist/main.js'])('must hold %s', (file) => {
    rmSync(path.join(folder, file));
    expect(faults()).toEqual([expect.stringContaining(`${file} is missing`)]);
  });

  it.each(['src/index.ts', 'tests/a.js', 'dist/a.test.js', 'dist/.tsbuildinfo', '.env', '.npmrc'])(
    'must not hold %s',
    (file) => {
      write(file);
      expect(faults()).toEqual([`${file} does not belong into it`]);
    },
  );

  it('may hold templates with sources and tests', () => {
    write('templates/scorer/tests/part.test.ts');
    expect(faults()).toEqual([]);
  });

  it.each(['preinstall', 'install', 'postinstall', 'prepare'])('must not run a script: %s', (script) => {
    says({ scripts: { [script]: 'node x.js', start: 'node y.js' } });
    expect(faults()).toEqual([`it has a script "${script}"`]);
  });

  it('must not be compiled when it is installed', () => {
    write('binding.gyp');
    expect(faults()).toEqual(['binding.gyp makes npm compile it']);
  });

  it('must have the version of the release, and need the others in it', () => {
    says({ version: '1.0.0', dependencies: { '@farout/core': '1.0.0', '@farout/onnxruntime': '1.30.0' } });
    expect(faults()).toEqual(['its version is 1.0.0, not 2.0.0', 'it needs @farout/core 1.0.0, not 2.0.0']);
  });

  it('must say its licence', () => {
    says({ license: undefined });
    expect(faults()).toEqual(['its licence is not said']);
  });

  it('must say from which repository it comes, and ask npm to vouch for that', () => {
    says({ repository: undefined, publishConfig: { access: 'public' } });
    expect(faults()).toEqual([
      'publishConfig does not ask for public access and provenance',
      `its repository is not said, not ${repository}`,
    ]);
  });

  it('must not be larger than two megabytes', () => {
    write('dist/large.js', 'x'.repeat(2 * 2 ** 20));
    expect(faults()).toEqual([expect.stringMatching(/^it holds \d+ bytes/)]);
  });

  it("may carry onnxruntime's WebAssembly besides", () => {
    write('dist/some.js', 'x'.repeat(2 ** 20));
    write('assets/ort-wasm-simd-threaded.wasm', 'x'.repeat(2 * 2 ** 20));
    expect(faults().filter((fault) => fault.startsWith('it holds'))).toEqual([]);
  });

  it('keeps its own version and size where it is onnxruntime', () => {
    says({ name: '@farout/onnxruntime', version: '1.30.0' });
    write('bin/large.node', 'x'.repeat(2 * 2 ** 20));
    expect(faults()).toEqual([]);
  });
});
