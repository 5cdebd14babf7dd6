import { definePlugin, defineHook, z } from '@farout/core';
import { describe, expect, it } from '@jest/globals';
import { checkNewPackage, partsOf } from '../../src/new/new-package.ts';

describe('partsOf', () => {
  it('gives a package of one part that part, by its own name', () => {
    expect(partsOf({ kind: 'backbone', name: 'vit', language: 'ts' })).toEqual([{ kind: 'backbone', name: 'vit' }]);
  });

  it('gives a plugin one part of every kind but a backbone, each with a name of its own', () => {
    expect(partsOf({ kind: 'plugin', name: 'acme', language: 'ts' })).toEqual([
      { kind: 'hook', name: 'acme-hook' },
      { kind: 'scorer', name: 'acme-scorer' },
      { kind: 'dataset', name: 'acme-dataset' },
      { kind: 'metric', name: 'acme-metric' },
    ]);
  });
});

const clip = defineHook({ name: 'clip', params: z.object({}), features: (h) => h });
const builtIns = [definePlugin({ name: 'built-in', hooks: [clip] })];
const check = (kind: string, name: string) => checkNewPackage({ kind, name, js: false }, builtIns);

describe('checkNewPackage', () => {
  it.each(['a', 'margin', 'my-margin-2', 'k2', 'a'.repeat(64)])('takes the name %s', (name) => {
    expect(check('scorer', name)).toEqual({ kind: 'scorer', name, language: 'ts' });
  });

  it('takes JavaScript when it is asked for', () => {
    expect(checkNewPackage({ kind: 'plugin', name: 'mine', js: true }, [])).toMatchObject({ language: 'js' });
  });

  it.each([
    ['nothing', ''],
    ['a way up', '../x'],
    ['a way up that is hidden', 'a/../../x'],
    ['an absolute path', '/tmp/x'],
    ["Windows's separator", 'a\\b'],
    ['a dot', '.'],
    ['a scope', '@me/x'],
    ['a capital letter', 'Margin'],
    ['a blank', 'my margin'],
    ['a digit first', '2k'],
    ['a hyphen first, as options have', '--js'],
    ['a hyphen last', 'a-'],
    ['two hyphens in a row', 'a--b'],
    ['an underscore', 'a_b'],
    ['a letter that is not ASCII', 'é'],
    ['a second line', 'a\nb'],
    ['a quote', "a'b"],
    ['65 letters', 'a'.repeat(65)],
    ['what YAML reads as a boolean', 'true'],
    ['what YAML reads as nothing', 'null'],
    ["the package's own module", 'index'],
    ['a package that it needs', 'vitest'],
  ])('refuses a name with or of %s', (_, name) => {
    expect(() => check('scorer', name)).toThrow(
      expect.objectContaining({ code: 'OOD_BAD_COMMAND', message: `"${name}" cannot be the name of a package` }),
    );
  });

  it.each(['fs', 'path', 'crypto'])('refuses %s, which Node.js would import in its place', (name) => {
    expect(() => check('scorer', name)).toThrow(`"${name}" is a Node.js module`);
  });

  it('refuses the name of a built-in part of the same kind, and only of the same kind', () => {
    expect(() => check('hook', 'clip')).toThrow('farout already has a hook "clip"');
    expect(check('scorer', 'clip')).toMatchObject({ name: 'clip' });
  });

  it('names the kind that was meant', () => {
    expect(() => check('scorrer', 'x')).toThrow(
      expect.objectContaining({ code: 'OOD_BAD_COMMAND', fix: 'Did you mean "scorer"?' }),
    );
  });
});
