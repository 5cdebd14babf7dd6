import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decode } from '@farout/images';
import { transform } from '@swc/core';
import { newKinds } from '../../src/new/new-package.ts';
import { packageFiles, sampleFiles, template, toJavaScript, writeFolder } from '../../src/new/package-files.ts';

const everywhere = ['.gitignore', 'README.md', 'experiment.yaml', 'package.json'];

describe('packageFiles', () => {
  it('gives a scorer in TypeScript its source, its test and what builds it', async () => {
    expect(Object.keys(await packageFiles({ kind: 'scorer', name: 'margin', language: 'ts' })).sort()).toEqual(
      [
        ...everywhere,
        'src/index.ts',
        'src/margin.ts',
        'tests/margin.test.ts',
        'tsconfig.build.json',
        'tsconfig.json',
      ].sort(),
    );
  });

  it('gives a scorer in JavaScript no trace of TypeScript', async () => {
    const files = await packageFiles({ kind: 'scorer', name: 'margin', language: 'js' });
    expect(Object.keys(files).sort()).toEqual(
      [...everywhere, 'src/index.js', 'src/margin.js', 'tests/margin.test.js'].sort(),
    );
    for (const text of Object.values(files)) expect(text).not.toMatch(/\.ts\b|TypeScript|vitest/);
  });

  it.each(newKinds)('calls the parts of a %s by their new names everywhere', async (kind) => {
    const files = await packageFiles({ kind, name: 'acme', language: 'ts' });
    const texts = Object.entries(files).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    for (const [file, text] of texts) expect(`${file}\n${text}`).not.toContain(`my-`);
  });
});

const files = readdirSync(fileURLToPath(template('')), { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);

/** What a compiler makes of a text, printed in its own way. */
const compiled = async (text: string, syntax: 'typescript' | 'ecmascript') =>
  (await transform(text, { swcrc: false, module: { type: 'es6' }, jsc: { target: 'es2022', parser: { syntax } } }))
    .code;

describe('toJavaScript', () => {
  it('is tried on every template', () => {
    expect(files).toHaveLength(10);
  });

  it.each(files)('leaves of %s what a compiler leaves', async (file) => {
    const text = readFileSync(template(file), 'utf8');
    const expected = (await compiled(text, 'typescript'))
      .replaceAll(/(['"]\.[^'"]*)\.ts(['"])/g, '$1.js$2')
      .replace(/(['"])vitest(['"])/, '$1node:test$2');
    expect(await compiled(toJavaScript(text), 'ecmascript')).toBe(expected);
  });

  it('leaves lines and comments where they are', () => {
    const text = readFileSync(template('backbone/src/my-backbone.ts'), 'utf8');
    expect(toJavaScript(text).split('\n')).toHaveLength(text.split('\n').length);
    expect(toJavaScript(text)).toContain('/** Two 3 × 3 convolutions, added to the input');
  });
});

describe('sampleFiles', () => {
  it("gives a backbone the weights of the demonstration's network", async () => {
    const weights = readFileSync(new URL('../../../demo/weights/demo-resnet.pth', import.meta.url));
    const files = await sampleFiles({ kind: 'backbone', name: 'vit' });
    expect(Object.keys(files)).toEqual(['weights/vit.pth']);
    expect(weights.equals(files['weights/vit.pth'] as Uint8Array)).toBe(true);
  });

  it('gives a dataset one image of each of the twelve classes, called by class and shape', async () => {
    const files = await sampleFiles({ kind: 'dataset', name: 'mine' });
    expect(Object.keys(files)).toHaveLength(12);
    expect(Object.keys(files).slice(0, 2)).toEqual(['images/00_disc.png', 'images/01_ring.png']);
    expect(await decode(files['images/11_bolt.png'] as Uint8Array)).toMatchObject({ width: 64, height: 64 });
  });

  it.each(['hook', 'scorer', 'metric'] as const)('gives a %s nothing', async (kind) => {
    expect(await sampleFiles({ kind, name: 'mine' })).toEqual({});
  });
});

describe('writeFolder', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'farout-folder-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const at = (name: string) => path.join(root, name);
  const write = (name: string, files: Parameters<typeof writeFolder>[2] = { 'a.txt': 'new' }) =>
    writeFolder(at(name), name, files);
  const isThere = expect.objectContaining({ code: 'OOD_BAD_COMMAND', message: 'mine already exists' });

  it('writes text and bytes, at any depth, and leaves nothing beside them', async () => {
    await write('mine', { 'a.txt': 'é', 'b/c/d.bin': Uint8Array.of(0, 255) });
    expect(readFileSync(at('mine/a.txt'), 'utf8')).toBe('é');
    expect([...readFileSync(at('mine/b/c/d.bin'))]).toEqual([0, 255]);
    expect(readdirSync(root)).toEqual(['mine']);
  });

  it('makes a folder as open as others that the user makes', async () => {
    await write('mine');
    mkdirSync(at('other'));
    expect(statSync(at('mine')).mode).toBe(statSync(at('other')).mode);
  });

  it.each([
    ['a folder', () => mkdirSync(at('mine'))],
    ['a file', () => writeFileSync(at('mine'), 'old')],
    ['a link that leads nowhere', () => symlinkSync(at('nowhere'), at('mine'))],
  ])('refuses %s that is there, and leaves it', async (_, make) => {
    make();
    await expect(write('mine')).rejects.toEqual(isThere);
    expect(readdirSync(root)).toEqual(['mine']);
  });

  it('leaves nothing when one file of many cannot be written', async () => {
    await expect(write('mine', { 'a.txt': 'new', 'a.txt/b.txt': 'below a file' })).rejects.toThrow();
    expect(readdirSync(root)).toEqual([]);
  });

  it('does not make the folders above', async () => {
    await expect(write('no/such')).rejects.toMatchObject({ code: 'OOD_MISSING_FILE' });
    expect(readdirSync(root)).toEqual([]);
  });

  it('leaves to somebody who was quicker what is theirs', async () => {
    let made = false;
    const slow = {
      // The folder appears while files are being written.
      get 'a.txt'() {
        if (!made) mkdirSync(at('mine/theirs'), { recursive: true });
        made = true;
        return 'new';
      },
    };
    await expect(write('mine', slow)).rejects.toEqual(isThere);
    expect(readdirSync(at('mine'))).toEqual(['theirs']);
  });
});
