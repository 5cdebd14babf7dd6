import { createHash } from 'node:crypto';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { writeNpy } from '@farout/checkpoints';
import { defineBackbone, defineHook, imageParameters, z, type DatasetImage, type Family } from '@farout/core';
import { constant } from '@farout/tensor';
import fc from 'fast-check';
import { fittedArrays, scoresCsv } from '../../src/output/results.ts';
import { shortestFloat32 } from '../../src/output/shortest-float32.ts';
import { runExperiment } from '../../src/run-experiment.ts';
import {
  classes,
  CountingProgress,
  detector,
  firstFeature,
  headBias,
  headWeight,
  part,
  silent,
  temporaryFolder,
  tinyExperiment,
  writeImages,
} from '../fixtures/tiny.ts';

/** The tiny backbone with weights of one's own: its features times `scale`, and its head. */
const backboneOf = (scale: number, weight: Float32Array) =>
  defineBackbone({
    name: 'tiny',
    params: z.object({ ...imageParameters }),
    open: () =>
      Promise.resolve({
        features: (image) => image.mean([2, 3]).mul(scale),
        head: {
          weight: constant({ data: weight, shape: [classes, 3] }),
          bias: constant({ data: headBias, shape: [classes] }),
        },
      }),
  });

it('the hashes of a run tell networks and last layers apart, and are those of the next run', async () => {
  const folder = await temporaryFolder();
  const id = await writeImages(path.join(folder, 'id'), 0, 3);
  const ood = await writeImages(path.join(folder, 'ood'), 100, 103);
  const base = tinyExperiment({ id, ood, detectors: [detector('First', firstFeature)] }, path.join(folder, 'store'));
  const hashes = async (scale: number, weight: Float32Array) => {
    const backbone = part(backboneOf(scale, weight), base.backbone.params);
    const options = { out: path.join(folder, 'run'), logger: silent, progress: new CountingProgress(), reporters: [] };
    return (await runExperiment({ ...base, backbone }, options)).results.hashes;
  };
  const first = await hashes(1, headWeight);
  expect(await hashes(1, headWeight)).toEqual(first);
  const ofOtherFeatures = await hashes(2, headWeight);
  const ofOtherHead = await hashes(
    1,
    headWeight.map((value) => value + 1),
  );
  expect(ofOtherFeatures.backbone).not.toBe(first.backbone);
  expect(ofOtherFeatures.head).toBe(first.head);
  expect(ofOtherHead.backbone).toBe(first.backbone);
  expect(ofOtherHead.head).not.toBe(first.head);
});

it('a run says of its metrics what reports need, and nothing else that their definitions hold', async () => {
  const folder = await temporaryFolder();
  const id = await writeImages(path.join(folder, 'id'), 0, 3);
  const base = tinyExperiment(
    { id, ood: id, detectors: [detector('First', firstFeature)] },
    path.join(folder, 'store'),
  );
  const traits = {
    name: 'half',
    title: 'Half',
    convention: 'of one',
    note: 'one half',
    better: 'lower',
    at95: 'id',
  } as const;
  const half = { ...traits, about: { summary: 'One half.' }, value: () => 0.5, more: 1 };
  const experiment = { ...base, metrics: [half, { name: 'bare', better: 'higher', value: () => 1 } as const] };
  const options = { out: path.join(folder, 'run'), logger: silent, progress: new CountingProgress(), reporters: [] };
  const { metrics } = (await runExperiment(experiment, options)).results;
  expect(metrics).toEqual([traits, { name: 'bare', better: 'higher' }]);
});

it('a run says what its detectors look at: what their first hook does, else their scorer', async () => {
  const folder = await temporaryFolder();
  const id = await writeImages(path.join(folder, 'id'), 0, 3);
  const of = (family: Family) => ({ summary: 'A part.', family });
  const distance = { ...firstFeature, about: of('distance') };
  const hook = part(defineHook({ name: 'same', about: of('features'), features: (h) => h }));
  const detectors = [
    detector('Silent', firstFeature),
    detector('Alone', distance),
    detector('Hooked', distance, [hook]),
  ];
  const experiment = tinyExperiment({ id, ood: id, detectors }, path.join(folder, 'store'));
  const options = { out: path.join(folder, 'run'), logger: silent, progress: new CountingProgress(), reporters: [] };
  const { families } = (await runExperiment(experiment, options)).results;
  expect(families).toEqual({ Alone: 'distance', Hooked: 'features' });
});

describe('fittedArrays', () => {
  const part = { definition: firstFeature, params: {}, stored: new Map(), from: 'train' };

  it('keeps scalars in the results, arrays as files, and says of more than 64 MB what they are', () => {
    const large = { data: new Float32Array(2 ** 24 + 1), shape: [2 ** 24 + 1] };
    large.data[5] = 1;
    const learnt = {
      c: { data: Float64Array.of(1.5), shape: [] },
      means: { data: Float32Array.of(1, 2), shape: [2] },
      large,
    };
    const { fitted, files } = fittedArrays([{ name: 'D', hooks: [], scorer: { ...part, learnt } }]);
    const sha256 = createHash('sha256').update(writeNpy(large)).digest('hex');
    const file = 'fitted/0-first-feature-means.npy';
    expect(fitted).toEqual({
      D: {
        'first-feature': {
          c: 1.5,
          means: { shape: [2], file },
          large: { shape: [2 ** 24 + 1], sha256, from: 'train' },
        },
      },
    });
    expect(files.map((each) => each.file)).toEqual([file]);
  });
});

describe('scoresCsv', () => {
  it('quotes commas, quotes and line breaks, and leaves an unknown label empty', () => {
    const images = [
      { id: 'a, "b".png', label: 7, path: '' },
      { id: 'line\nbreak.png', path: '' },
    ];
    const scores = new Map([['ReAct, p = 90', Float32Array.of(0.1, -Infinity)]]);
    const dataset = { images, predicted: Int32Array.of(3, 4), scores, failed: [] };
    expect([...scoresCsv(['ReAct, p = 90'], new Map([['set', dataset]]))].join('')).toBe(
      'dataset,image,label,predicted,"ReAct, p = 90"\r\n' +
        'set,"a, ""b"".png",7,3,0.1\r\n' +
        'set,"line\nbreak.png",,4,-Infinity\r\n',
    );
  });

  it('names the predicted class, where classes have names', () => {
    const images = ['a', 'b', 'c'].map((id) => ({ id, path: '' }));
    const predicted = Int32Array.of(1, 0, -1);
    const dataset = { images, predicted, scores: new Map([['E', new Float32Array(3)]]), failed: [] };
    expect([...scoresCsv(['E'], new Map([['set', dataset]]), ['tabby, cat', '=dog'])]).toEqual([
      'dataset,image,label,predicted,class,E\r\n',
      "set,a,,1,'=dog,0\r\n",
      'set,b,,0,"tabby, cat",0\r\n',
      'set,c,,,,0\r\n',
    ]);
  });

  it('says what images of one source have in common, where an image of any set has a source', () => {
    const of = (images: DatasetImage[]) => ({
      images,
      predicted: new Int32Array(images.length),
      scores: new Map([['E', new Float32Array(images.length)]]),
      failed: [],
    });
    const [plain, grouped] = [of([{ id: 'a', path: '' }]), of([{ id: 'b', path: '', label: 1, group: '=b, c' }])];
    expect([...scoresCsv(['E'], new Map(Object.entries({ plain, grouped })))]).toEqual([
      'dataset,image,label,predicted,group,E\r\n',
      'plain,a,,0,,0\r\n',
      'grouped,b,1,0,"\'=b, c",0\r\n',
    ]);
  });

  it('keeps names from being computed by a spreadsheet, and leaves numbers alone', () => {
    const images = [{ id: '=1+1.png', path: '' }];
    const dataset = {
      images,
      predicted: Int32Array.of(-1),
      scores: new Map([['-E', Float32Array.of(-2)]]),
      failed: [],
    };
    expect([...scoresCsv(['-E'], new Map([['@set', dataset]]))]).toEqual([
      "dataset,image,label,predicted,'-E\r\n",
      "'@set,'=1+1.png,,,-2\r\n",
    ]);
  });
});

describe('shortestFloat32', () => {
  // As numpy prints them: str(np.float32(x)).
  it.each([
    [Math.fround(0.1), '0.1'],
    [Math.fround(1 / 3), '0.33333334'],
    [16777216, '16777216'],
    [Math.fround(3.4028235e38), '3.4028235e+38'],
    [Math.fround(1e-45), '1e-45'],
    [Math.fround(15.311200141906738), '15.3112'],
    [-0, '0'],
    [Infinity, 'Infinity'],
    [-Infinity, '-Infinity'],
  ])('writes %d as %s', (value, text) => expect(shortestFloat32(value)).toBe(text));

  it('reads back as the same float32', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true }), (value) => Math.fround(Number(shortestFloat32(value))) === value),
      { seed: 1 },
    );
  });
});
