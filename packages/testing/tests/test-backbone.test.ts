import { defineBackbone, filePath, imageParameters, z } from '@farout/core';
import { writeOnnx } from '@farout/onnx';
import { constant, input } from '@farout/tensor';
import { describe, expect, it } from '@jest/globals';
import { backboneChecks } from '../src/checks/backbone.ts';
import { testBackbone, type BackboneCase } from '../src/index.ts';
import { recordedTests } from './parts/recorded-tests.ts';

/** The means of the three colours times a gain, and a head out of the same file. */
const colours = defineBackbone({
  name: 'colours',
  params: z.object({ weights: filePath(), gain: z.number().positive().default(1), ...imageParameters }),
  open: async ({ weights, gain }, { stateDict }) => {
    const state = await stateDict(weights);
    return {
      features: (image) => image.mean([2, 3]).mul(gain),
      head: { weight: state.take('weight', [2, 3]), bias: state.take('bias', [2]) },
    };
  },
});

const files = {
  'w.pth': {
    weight: { data: Float32Array.of(1, 0, 0, 1, 1, 1), shape: [2, 3] },
    bias: { data: Float32Array.of(0, 10), shape: [2] },
  },
};
const params = { weights: 'w.pth', crop: 2 };
/** Two images of 2 × 2 pixels: one of the colours 1, 2, 3, one whose red alone varies. */
const images = {
  data: Float32Array.from([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3].concat([0, 1, 2, 5, 0, 0, 0, 0, 0, 0, 0, 0])),
  shape: [2, 3, 2, 2],
};
const features = [
  [1, 2, 3],
  [2, 0, 0],
];
const logits = [
  [1, 16],
  [2, 12],
];

const verdictsOf = (cases: readonly BackboneCase[], backbone = colours) =>
  recordedTests((functions) => testBackbone(backbone, cases, functions));

describe('testBackbone', () => {
  it('registers a test for every case and every clause of the contract, and all pass for a correct backbone', async () => {
    const verdicts = await verdictsOf([
      { title: 'a gain of 0 is refused', params: { ...params, gain: 0 }, refused: 'gain' },
      { title: 'an empty checkpoint', params, files: { 'w.pth': {} }, fails: 'OOD_CHECKPOINT_MISMATCH' },
      { title: 'sizes of generated weights', params, width: 3, classes: 2 },
      { title: 'numbers', params, files, images, features, logits },
    ]);
    expect(Object.values(verdicts).filter((message) => message !== undefined)).toEqual([]);
    expect(Object.keys(verdicts)).toHaveLength(4 + backboneChecks.length);
  });

  it('says which feature or logit of a case is wrong, and which size', async () => {
    const wrong = [[1, 16.5], logits[1]!];
    const verdicts = await verdictsOf([
      { title: 'gain', params: { ...params, gain: 2 }, files, images, features, logits },
      { title: 'bias', params, files, images, features, logits: wrong },
      { title: 'sizes', params, width: 3, classes: 4 },
    ]);
    expect(verdicts.gain).toBe('gain: features: number 0 is 2, expected 1');
    expect(verdicts.bias).toBe('bias: logits: number 1 is 16, expected 16.5');
    expect(verdicts.sizes).toMatch(/^the classes K and features D of the head/);
  });

  it('fails a case whose checkpoint is not that of the network', async () => {
    const more = { 'w.pth': { ...files['w.pth'], scale: { data: Float32Array.of(1), shape: [1] } } };
    const verdicts = await verdictsOf([{ title: 'more', params, files: more, images, features, logits }]);
    expect(verdicts.more).toContain('1 unexpected: scale');
  });

  it('says what is missing where no case opens a network', async () => {
    const verdicts = await verdictsOf([{ title: 'no weights', params: {}, refused: 'weights' }]);
    expect(verdicts['no weights']).toBeUndefined();
    const others = Object.entries(verdicts).filter(([title]) => title !== 'no weights');
    for (const [, message] of others) expect(message).toMatch(/^\{\} is refused: [^]*weights/);
  });

  it('opens ONNX files, and says which file a case lacks', async () => {
    const file = writeOnnx({ pooled: input('x', ['N', 3, 2, 2]).mean([2, 3]) });
    const fromFile = defineBackbone({
      name: 'from a file',
      params: colours.params as z.ZodObject<typeof imageParameters>,
      open: async (_, { onnx }) => {
        const model = await onnx('a.onnx');
        const [weight, bias] = Object.values(files['w.pth']).map((array) => constant(array));
        return {
          features: (image) => model.trace({ x: image }).get('pooled')!,
          head: { weight: weight!, bias: bias! },
        };
      },
    });
    const cases = [
      { title: 'there', params, files: { 'a.onnx': file }, images, features, logits },
      { title: 'absent', params, files, images, features, logits },
      { title: 'a checkpoint', params, files: { 'a.onnx': {} }, images, features, logits },
    ];
    const verdicts = await verdictsOf(cases, fromFile);
    expect(Object.values(verdicts).filter((message) => message !== undefined)).toEqual([
      'the case has no ONNX file "a.onnx"',
      'the case has no ONNX file "a.onnx"',
    ]);
    expect((await verdictsOf([{ ...cases[0]!, files: { 'a.onnx': file } }])).there).toBe(
      'the case has no checkpoint "w.pth"',
    );
  });
});

testBackbone(colours, [
  { title: 'registers with the global functions of the runner', params, files, images, features, logits },
]);
