import { describe, expect, it } from '@jest/globals';
import { partsOf } from '../../src/new/new-package.ts';

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
