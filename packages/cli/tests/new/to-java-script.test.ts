import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { transform } from '@swc/core';
import { template } from '../../src/new/template.ts';
import { toJavaScript } from '../../src/new/to-java-script.ts';

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
