import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { Description } from '@farout/verdict';
import { huggingFaceFiles } from '../src/hugging-face/files.ts';

type Exported = Parameters<typeof huggingFaceFiles>[0];

/** A name that would be markup, a key of YAML, a link, a column and another line. */
const hostile = '---\nlicense: mit\n<script>alert(1)</script> [a](http://b) | `c` *d* \u2028 &lt; __proto__';

const description: Exported['description'] = {
  schemaVersion: 1,
  detector: hostile,
  parts: [{ kind: 'scorer', name: 'energy', params: {}, learnt: {} }],
  threshold: { rule: 'tpr', value: 7.5, score: 7, tpr: 0.95, index: 5, count: 100 },
  idScores: { count: 1, scores: [1] },
  predicted: [1, 2, 3],
  input: { kind: 'float', name: 'pixel_values', size: 224 },
  preprocessing: {
    ...{ resize: 256, crop: 224, interpolation: 'bicubic', sides: 'shorter' },
    ...{ mean: [0.1, 0.2, 0.3], std: [0.4, 0.5, 0.6] },
  },
  labels: ['__proto__', hostile],
  results: [
    { ood: hostile, metric: 'auroc', value: 0.9, interval: { low: 0.8, high: 0.95 } },
    { ood: 'textures', metric: 'fpr95', value: 0.5 },
  ],
  hashes: { backbone: 'b', id: {} },
  licence: 'BSD-3-Clause (torchvision); others may apply',
  versions: {},
};

const filesOf = (more: Partial<Description> = {}) => {
  const made = huggingFaceFiles({
    bytes: Uint8Array.of(1),
    description: { ...description, ...more } as Exported['description'],
  });
  return new Map(made.map(({ path, content }) => [path, content]));
};
const jsonOf = (name: string, more?: Partial<Description>) =>
  JSON.parse(filesOf(more).get(name) as string) as Record<string, Record<string, unknown>>;
const cardOf = (more?: Partial<Description>) => {
  const [, front, ...text] = (filesOf(more).get('README.md') as string).split(/^---$/mu);
  return { front: parse(front!) as Record<string, unknown>, text: text.join('---') };
};

describe("a folder for Hugging Face's hub", () => {
  it('has the model under the name that its precision has there', () => {
    expect([...filesOf().keys()]).toEqual(['README.md', 'config.json', 'onnx/model.onnx', 'preprocessor_config.json']);
    expect([...filesOf({ half: { arrays: 1, kept: 0 } }).keys()]).toContain('onnx/model_fp16.onnx');
  });

  it('names each class of the network, whatever it is called', () => {
    const { id2label, label2id } = jsonOf('config.json');
    expect(id2label).toEqual({ 0: '__proto__', 1: hostile, 2: 'LABEL_2' });
    expect(Object.entries(label2id!)).toEqual([
      ['__proto__', 0],
      [hostile, 1],
      ['LABEL_2', 2],
    ]);
  });

  it('says how an image becomes the input', () => {
    expect(jsonOf('preprocessor_config.json')).toMatchObject({
      size: { shortest_edge: 256 },
      crop_size: { height: 224, width: 224 },
      resample: 3,
      image_mean: [0.1, 0.2, 0.3],
    });
    const both = { ...description.preprocessing, sides: 'both' as const };
    expect(jsonOf('preprocessor_config.json', { preprocessing: both }).size).toEqual({ height: 256, width: 256 });
  });

  it('has a card whose front matter says licence, kind and results, and nothing that names put there', () => {
    const { front } = cardOf();
    expect(front.license).toBe('bsd-3-clause');
    expect(Object.keys(front)).toEqual(['license', 'library_name', 'pipeline_tag', 'tags', 'model-index']);
    expect(front['model-index']).toMatchObject([
      { name: hostile, results: [{ dataset: { name: hostile }, metrics: [{ type: 'auroc', value: 0.9 }] }, {}] },
    ]);
    expect(JSON.stringify(front)).toContain('95 % interval 0.8 to 0.95');
    expect(cardOf({ licence: 'research only: <b>' }).front).toMatchObject({
      license: 'other',
      license_name: 'research only: <b>',
    });
    expect(cardOf({ licence: undefined }).front).not.toHaveProperty('license');
  });

  it('has a card whose text is text: no markup, no link, no row but its own', () => {
    const { text } = cardOf();
    expect(text).not.toMatch(/(?<!\\)<|(?<!\\)\[a/u);
    const rows = text.split('\n').filter((line) => line.startsWith('| '));
    expect(rows.map((row) => row.split(/(?<!\\)\|/u).length)).toEqual([6, 6, 6]);
    expect(text).not.toMatch(/^license/mu);
  });
});
