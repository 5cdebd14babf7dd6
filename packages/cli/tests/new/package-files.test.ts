import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { decode } from '@farout/images';
import { describe, expect, it } from '@jest/globals';
import { transform } from '@swc/core';
import { newKinds } from '../../src/new/new-package.ts';
import { packageFiles, sampleFiles, template, toJavaScript } from '../../src/new/package-files.ts';

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
