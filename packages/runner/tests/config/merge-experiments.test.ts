import { describe, expect, it } from '@jest/globals';
import { toPlain, type MapNode } from '../../src/config/node.ts';
import { mergeExperiments } from '../../src/config/merge-experiments.ts';
import { Mistakes } from '../../src/config/faults.ts';
import { parseYaml } from '../../src/config/parse-yaml.ts';
import { SourceText } from '../../src/config/source-text.ts';

const parse = (yaml: string) => parseYaml(new SourceText('a.yaml', '/', yaml), {}, new Mistakes([])) as MapNode;
const merged = (base: string, over: string) => toPlain(mergeExperiments(parse(base), parse(over)));

describe('an experiment over its base', () => {
  it.each([
    ['replaces text and numbers', 'name: a\nseed: 1', 'seed: 2', { name: 'a', seed: 2 }],
    ['replaces lists', 'ood: [a, b]', 'ood: [c]', { ood: ['c'] }],
    [
      'merges maps at any depth',
      'published: { A: { x: { m: 1 } } }',
      'published: { A: { y: { m: 2 } }, B: {} }',
      {
        published: { A: { x: { m: 1 }, y: { m: 2 } }, B: {} },
      },
    ],
    ['takes away by null', 'fit: a\nid: b', 'fit: null', { id: 'b' }],
    ['takes away by nothing', 'detectors: { A: msp, B: energy }', 'detectors: { A: }', { detectors: { B: 'energy' } }],
    ['keeps null where there is nothing to be taken away', 'id: b', 'fit: null', { id: 'b', fit: null }],
    [
      'merges a backbone of the same name',
      'backbone: { a: { x: 1, y: [1] } }',
      'backbone: { a: { y: [2], z: 3 } }',
      {
        backbone: { a: { x: 1, y: [2], z: 3 } },
      },
    ],
    [
      'replaces a backbone of another name',
      'backbone: { a: { x: 1 } }',
      'backbone: { b: { y: 2 } }',
      {
        backbone: { b: { y: 2 } },
      },
    ],
    [
      'replaces a part by a bare name',
      'detectors: { E: { energy: { T: 2 } } }',
      'detectors: { E: energy }',
      {
        detectors: { E: 'energy' },
      },
    ],
    [
      'replaces a part by its name with nothing after it',
      'backbone: { a: { x: 1 } }',
      'backbone: { a: }',
      {
        backbone: { a: null },
      },
    ],
    [
      'replaces a bare name by a part',
      'detectors: { E: energy }',
      'detectors: { E: { energy: { T: 2 } } }',
      {
        detectors: { E: { energy: { T: 2 } } },
      },
    ],
    [
      'sets a parameter to its default by null',
      'backbone: { a: { x: 1, y: 2 } }',
      'backbone: { a: { x: null } }',
      {
        backbone: { a: { y: 2 } },
      },
    ],
    [
      'replaces a detector that is a list',
      'detectors: { R: [{ react: { c: 1 } }, msp] }',
      'detectors: { R: [react, msp] }',
      {
        detectors: { R: ['react', 'msp'] },
      },
    ],
    [
      'merges datasets by name, and each as a part',
      'datasets: { a: { f: { r: 1 } }, b: { f: { r: 2 } } }',
      'datasets: { a: { f: { n: 3 } }, b: { g: { q: 4 } } }',
      { datasets: { a: { f: { r: 1, n: 3 } }, b: { g: { q: 4 } } } },
    ],
    [
      'leaves what is no part to the check of the keys',
      'backbone: { a: { x: 1 } }',
      'backbone: { a: {}, b: {} }',
      {
        backbone: { a: {}, b: {} },
      },
    ],
    [
      'takes a key for a name also when JavaScript knows it',
      'detectors: { constructor: msp }',
      'constructor: { a: { b: 1 } }',
      {
        detectors: { constructor: 'msp' },
        constructor: { a: { b: 1 } },
      },
    ],
  ])('%s', (_, base, over, expected) => {
    expect(merged(base, over)).toEqual(expected);
  });

  it('has the keys of its base first, in their order', () => {
    const whole = merged('detectors: { A: msp, B: msp }', 'detectors: { C: msp, B: energy }') as { detectors: object };
    expect(Object.keys(whole.detectors)).toEqual(['A', 'B', 'C']);
  });
});
