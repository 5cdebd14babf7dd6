import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { calibrateDetector, loadDetector, readDescription, type CalibrationRequest } from '../src/index.ts';
import { imageOf, imageOfClass, sumDetector } from './parts/sum-detector.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'farout-calibrate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const imagesOf = (sums: readonly number[]) => sums.map((sum, at) => ({ name: `${at}.png`, image: imageOf(sum) }));
/** Sums from 100 on, in an order of their own. */
const sums = (count: number) => Array.from({ length: count }, (_, at) => 100 + ((at * 37) % count));

const calibrate = (more: Partial<CalibrationRequest> = {}) =>
  calibrateDetector({ model: sumDetector(), images: imagesOf(sums(41)), tpr: 0.95, ...more });

describe('a calibrated threshold', () => {
  it('is the next float32 under the k-th smallest score, in the graph as in the description', async () => {
    const { bytes, description, refused } = await calibrate();
    // ⌊(41 + 1) · 0.05⌋ = 2; the second smallest of 100, 101, … ; between 64 and 128 float32 is 2⁻¹⁷ apart.
    expect(description.threshold).toEqual({
      ...{ rule: 'conformal', value: 101 - 2 ** -17, score: 101, tpr: 0.95, alpha: 0.05, k: 2, n: 41 },
    });
    expect(refused).toBe(1);
    expect(await readDescription(bytes)).toEqual(description);
    const detector = await loadDetector(bytes);
    const verdicts = [];
    for (const sum of [100, 101, 102]) verdicts.push(await detector.score(imageOf(sum)));
    await detector.close();
    expect(verdicts.map(({ isInDistribution }) => isInDistribution)).toEqual([false, true, true]);
    // (1 + #{calibration ≤ s}) / 42
    expect(verdicts.map(({ p }) => p)).toEqual([2 / 42, 3 / 42, 4 / 42]);
  });

  it('keeps all scores, and all else that the file says of itself', async () => {
    const model = sumDetector({ labels: ['red', 'green', 'blue'], results: [{ ood: 'a', metric: 'auroc', value: 1 }] });
    const former = await readDescription(model);
    const { description } = await calibrate({ model });
    const ascending = sums(41).toSorted((a, b) => a - b);
    expect(description).toEqual({
      ...former,
      threshold: description.threshold,
      idScores: { count: 41, scores: ascending },
    });
  });

  it('is lower where it is to be sure of this very set', async () => {
    const images = imagesOf(sums(150));
    const { description } = await calibrate({ images, confidence: 0.9 });
    // R: max(which(pbeta(0.05, 1:150, 150:1) >= 0.9))
    expect(description.threshold).toMatchObject({ k: 4, score: 103, confidence: 0.9, alpha: 0.05 });
    expect((await calibrate({ images })).description.threshold).toMatchObject({ k: 7, score: 106 });
  });

  it.each([
    ['below zero', 141, 1, -40, -40 - 2 ** -18],
    ['zero', 101, 1, 0, -(2 ** -149)],
    ['a fraction', 0, 1 / 1024, 101 / 1024, 101 / 1024 - 2 ** -27],
  ])('may be %s', async (_, offset, factor, score, value) => {
    const { description } = await calibrate({ model: sumDetector({}, { offset, factor }) });
    expect(description.threshold).toMatchObject({ score, value });
  });

  it('is the same to the byte when it is learnt twice, from a file as from bytes, and after another one', async () => {
    const file = path.join(folder, 'detector.onnx');
    writeFileSync(file, sumDetector());
    const [first, second] = [await calibrate(), await calibrate({ model: file })];
    const third = await calibrate({ model: (await calibrate({ images: imagesOf(sums(30)) })).bytes });
    expect([Buffer.compare(first.bytes, second.bytes), Buffer.compare(first.bytes, third.bytes)]).toEqual([0, 0]);
  });

  it('accepts all images of equal scores, where they would be refused together', async () => {
    const tied = [...Array<number>(10).fill(100), ...Array.from({ length: 31 }, (_, at) => 200 + at)];
    // Other files with the same sum: the last value moves from pixel to pixel.
    const images = tied.map((sum, at) => {
      const bytes = imageOf(sum);
      return { name: `${at}`, image: Buffer.concat([bytes, Buffer.from([at])]) };
    });
    const { description, refused } = await calibrate({ images });
    expect([description.threshold.score, refused]).toEqual([100, 0]);
  });
});

describe('images', () => {
  it('count once, and those that cannot be read not at all', async () => {
    const images = [...imagesOf(sums(41)), { name: 'again.png', image: imageOf(100) }];
    const broken = [
      { name: 'broken.png', image: Buffer.from('no image') },
      { name: 'gone.png', image: path.join(folder, 'gone.png') },
    ];
    const { description, repeated, unreadable } = await calibrate({ images: [...broken, ...images] });
    expect(description.threshold).toMatchObject({ n: 41, k: 2 });
    expect(repeated).toEqual(['again.png']);
    expect(unreadable.map(({ name }) => name).toSorted()).toEqual(['broken.png', 'gone.png']);
  });

  it('that the detector learnt from are refused by content', async () => {
    const marks = [imageOf(105), imageOf(110), imageOf(9000)]
      .map((bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 12))
      .toSorted();
    const model = sumDetector({ learntFrom: { contents: Buffer.from(marks.join(''), 'hex').toString('base64') } });
    await expect(calibrate({ model })).rejects.toMatchObject({
      code: 'OOD_CALIBRATION_REFUSED',
      message: expect.stringMatching(
        /^\d+\.png cannot calibrate: 2 of these images are among those that the detector learnt from/,
      ) as unknown,
    });
    const others = sums(41).filter((sum) => sum !== 105 && sum !== 110);
    expect((await calibrate({ model, images: imagesOf(others) })).description.threshold.n).toBe(39);
  });
});

describe('thresholds of classes', () => {
  /** So many images of each of three classes, with sums from a number on. */
  const ofClasses = (...of: readonly (readonly [count: number, from: number])[]) =>
    of.flatMap(([count, from], channel) =>
      Array.from({ length: count }, (_, at) => ({
        name: `${channel}-${at}.png`,
        image: imageOfClass(channel, from + ((at * 37) % count)),
      })),
    );
  const images = ofClasses([100, 1000], [59, 300], [41, 600]);
  /** As the run's ID set has it: the second and the third class are too rare for 200 images. */
  const predicted = [60, 17, 3];
  const model = sumDetector({ predicted });

  it('are those of frequent classes of the run, and one that all others share', async () => {
    const { description, refused } = await calibrate({ model, images, perClass: true });
    // ⌊101 · 0.05⌋ = 5 for the first class; ⌊101 · 0.05⌋ = 5 of 100 for the others, whose lowest are of the second one.
    expect(description.threshold).toMatchObject({
      ...{ rule: 'conformal', value: 304 - 2 ** -15, score: 304, k: 5, n: 100 },
      own: [{ class: 0, value: 1004 - 2 ** -14, score: 1004, k: 5, n: 100 }],
    });
    expect(refused).toBe(8);
  });

  it('decide in the graph, by the class that the image is taken for', async () => {
    const { bytes } = await calibrate({ model, images, perClass: true });
    const detector = await loadDetector(bytes);
    const verdicts = [];
    const asked = [
      [0, 1003],
      [0, 1004],
      [1, 303],
      [1, 304],
      [2, 303],
      [2, 900],
    ] as const;
    for (const [channel, sum] of asked) verdicts.push(await detector.score(imageOfClass(channel, sum)));
    await detector.close();
    expect(verdicts.map((verdict) => [verdict.class, verdict.isInDistribution])).toEqual([
      [0, false],
      [0, true],
      [1, false],
      [1, true],
      [2, false],
      [2, true],
    ]);
  });

  it('may be learnt anew, or be one again', async () => {
    const first = await calibrate({ model, images, perClass: true });
    const others = ofClasses([80, 2000], [70, 700], [50, 300]);
    const again = await calibrate({ model: first.bytes, images: others, perClass: true });
    expect(again.description.threshold).toMatchObject({ k: 6, n: 120, own: [{ class: 0, score: 2003, k: 4, n: 80 }] });
    const single = await calibrate({ model: first.bytes, images: others });
    expect(single.description.threshold).toMatchObject({ k: 10, n: 200, score: 309, own: [] });
    const plain = await calibrate({ model, images: others });
    expect(single.description.threshold).toMatchObject({ ...plain.description.threshold });
  });

  it('need as many images as the run lets expect, whatever classes calibrate', async () => {
    const few = ofClasses([40, 1000], [20, 300], [15, 600]);
    // 2 · 19 images are to be expected of the classes that share: of 20 in 80.
    await expect(calibrate({ model, images: few, perClass: true })).rejects.toMatchObject({
      message: '75 images are too few for a separate threshold for any class',
      fix: 'Use at least 152, or omit --per-class.',
    });
    const uneven = ofClasses([10, 1000], [150, 300], [40, 600]);
    await expect(calibrate({ model, images: uneven, perClass: true })).rejects.toMatchObject({
      message: expect.stringMatching(/^10 images predicted as class 0 are too few to promise/) as unknown,
      fix: 'Use more: 19 such images are needed.',
    });
  });

  it('need a file that says how often the run had each class', async () => {
    await expect(calibrate({ images, perClass: true })).rejects.toMatchObject({
      code: 'OOD_DETECTOR_FILE_INVALID',
      message: expect.stringContaining('which --per-class needs') as unknown,
    });
  });
});

describe('calibration is refused', () => {
  const refusal = (message: string, fix?: string) => ({
    code: 'OOD_CALIBRATION_REFUSED',
    message: expect.stringContaining(message) as unknown,
    ...(fix !== undefined && { fix }),
  });

  it('with fewer images than the promise needs, which are named', async () => {
    await expect(calibrate({ images: imagesOf(sums(18)) })).rejects.toMatchObject(
      refusal('18 images are too few to promise that at most 5 %', 'Use at least 19.'),
    );
    await expect(calibrate({ images: imagesOf(sums(89)), confidence: 0.99 })).rejects.toMatchObject(
      refusal('too few to promise with a confidence of 0.99 that at most 5 %', 'Use at least 90.'),
    );
    const { description } = await calibrate({ images: imagesOf(sums(19)) });
    expect(description.threshold).toMatchObject({ k: 1, n: 19 });
    expect((await calibrate({ images: imagesOf(sums(90)), confidence: 0.99 })).description.threshold.k).toBe(1);
  });

  it('with images too few of which can be read', async () => {
    const images = [...imagesOf(sums(18)), { name: 'broken.png', image: Buffer.from('no image') }];
    await expect(calibrate({ images })).rejects.toMatchObject(
      refusal('18 images are too few', expect.stringContaining('broken.png was left out') as never),
    );
  });

  it('where the detector gives all of them the same score, NaN, or no finite threshold', async () => {
    const by = (factor: number) => calibrate({ model: sumDetector({}, { factor }) });
    await expect(by(0)).rejects.toMatchObject(refusal('the detector gives all images the same score'));
    await expect(by(NaN)).rejects.toMatchObject(refusal('has the score NaN'));
    // Sums of 100 to 140, of which those below 120 become −∞ and the others ∞.
    const model = sumDetector({}, { offset: 119.5, factor: 3e38 });
    await expect(calibrate({ model })).rejects.toMatchObject(refusal('the score of rank 2 of the images is -Infinity'));
  });

  it('for a file whose graph has no threshold of that name', async () => {
    await expect(calibrate({ model: sumDetector({}, { named: false }) })).rejects.toMatchObject({
      code: 'OOD_DETECTOR_FILE_INVALID',
      message: expect.stringContaining('it has no constant "farout.threshold"') as unknown,
    });
  });
});
