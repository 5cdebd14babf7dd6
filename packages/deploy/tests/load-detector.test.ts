import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import type { RawPixels } from '@farout/core';
import { writeOnnx } from '@farout/onnx';
import { input, type Tensor } from '@farout/tensor';
import {
  loadDetector,
  scoreImages,
  type Description,
  type LoadedDetector,
  type NamedImage,
  type Scored,
} from '../src/index.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'farout-detector-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const opened: LoadedDetector[] = [];
afterEach(async () => {
  for (const detector of opened.splice(0)) await detector.close();
});
async function load(...given: Parameters<typeof loadDetector>): Promise<LoadedDetector> {
  const detector = await loadDetector(...given);
  opened.push(detector);
  return detector;
}

const side = 2;
const description: Description = {
  schemaVersion: 1,
  detector: 'brightness',
  parts: [{ kind: 'scorer', name: 'brightness', params: {}, learnt: {} }],
  threshold: { value: 100, score: 99, rule: 'tpr', tpr: 0.75, index: 1, count: 4 },
  idScores: { count: 4, scores: [50, 99, 150, 200] },
  input: { kind: 'pixels', name: 'pixels', size: side },
  preprocessing: {
    ...{ resize: side, crop: side, interpolation: 'bilinear', sides: 'shorter' },
    ...{ mean: [0.5, 0.25, 0.125], std: [0.5, 0.25, 0.5] },
  },
  labels: ['red', 'green', 'blue'],
  results: [],
  hashes: { backbone: '', id: {} },
  versions: {},
};

/** The score is the mean of all pixels, each channel's mean the logit of a class. */
function outputsOf(means: Tensor): Record<string, Tensor> {
  const score = means.mean([1], { keepDims: true });
  return { logits: means, probabilities: means.softmax(), score, is_in_distribution: score.greater(100) };
}
const brightness = (
  said: Partial<Description> = {},
  change: (outputs: Record<string, Tensor>) => Record<string, Tensor> = (all) => all,
) =>
  writeOnnx(change(outputsOf(input('pixels', ['N', side, side, 3], 'uint8').cast('float32').mean([1, 2]))), {
    portable: true,
    metadata: { farout: JSON.stringify({ ...description, ...said }) },
  });

const plain = (red: number, green: number, blue: number): RawPixels => ({
  data: Uint8Array.from({ length: side * side * 3 }, (_, at) => [red, green, blue][at % 3]!),
  shape: [side, side, 3],
});
/** BMP, 24 bits, blue first, from the bottom up, lines of a multiple of four bytes. */
function bmp(red: number, green: number, blue: number): Uint8Array {
  const line = Buffer.concat([Buffer.from([blue, green, red, blue, green, red]), Buffer.alloc(2)]);
  const header = Buffer.alloc(54);
  header.write('BM');
  header.writeUInt32LE(54 + 2 * line.length, 2);
  header.writeUInt32LE(54, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(side, 18);
  header.writeInt32LE(side, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(24, 28);
  return Buffer.concat([header, line, line]);
}

describe('a loaded detector', () => {
  it('says the same of an image by its path, its bytes and its pixels', async () => {
    const detector = await load(brightness());
    const [file, image] = [path.join(folder, 'image.bmp'), bmp(30, 120, 60)];
    writeFileSync(file, image);
    const verdict = await detector.score(plain(30, 120, 60));
    expect(verdict).toEqual({
      ...{ score: 70, isInDistribution: false, class: 1, label: 'green', probability: expect.closeTo(1, 6) as unknown },
      // One of four ID scores is lower.
      ...{ lower: 1 / 4, p: 2 / 5 },
    });
    expect(await detector.score(file)).toEqual(verdict);
    expect(await detector.score(image)).toEqual(verdict);
  });

  it.each([
    [100, false],
    [101, true],
  ])('takes an image for in-distribution when its score exceeds the threshold: %d', async (value, expected) => {
    const { score, isInDistribution } = await (await load(brightness())).score(plain(value, value, value));
    expect([score, isInDistribution]).toEqual([value, expected]);
  });

  it('normalises images for a file that takes them so', async () => {
    const images = input('pixel_values', ['N', 3, side, side]);
    const said = { ...description, input: { kind: 'float', name: 'pixel_values', size: side } };
    const bytes = writeOnnx(outputsOf(images.mean([2, 3])), {
      portable: true,
      metadata: { farout: JSON.stringify(said) },
    });
    const { score } = await (await load(bytes)).score(plain(255, 51, 0));
    // ((1 − 0.5) / 0.5 + (0.2 − 0.25) / 0.25 + (0 − 0.125) / 0.5) / 3
    expect(score).toBeCloseTo((1 - 0.2 - 0.25) / 3, 6);
  });

  it('scores images that are asked for at once, in whichever process its graph runs', async () => {
    for (const apart of [true, false]) {
      const detector = await load(brightness(), { apart });
      const values = Array.from({ length: 20 }, (_, at) => at * 10);
      const verdicts = await Promise.all(values.map((value) => detector.score(plain(value, value, value))));
      expect(verdicts.map(({ score }) => score)).toEqual(values);
    }
  });

  it.each([
    ['bytes of no image', Buffer.from('no image'), 'not a supported image'],
    ['no bytes', new Uint8Array(), 'empty'],
    ['a file that is not there', path.join(folder, 'absent.png'), 'ENOENT'],
    ['a folder', folder, 'it is not a file'],
    ['pixels of another shape', { data: new Uint8Array(5), shape: [side, side, 3] as const }, 'do not match the shape'],
  ])('refuses %s and scores on', async (_, image, reason) => {
    const detector = await load(brightness());
    await expect(detector.score(image)).rejects.toMatchObject({
      code: 'OOD_IMAGE_UNREADABLE',
      message: expect.stringContaining(reason) as unknown,
    });
    expect((await detector.score(plain(7, 7, 7))).score).toBe(7);
  });

  it('is refused when its graph is damaged, or is no detector', async () => {
    const lacking = brightness({}, ({ logits, probabilities }) => ({ logits: logits!, probabilities: probabilities! }));
    await expect(load(lacking)).rejects.toMatchObject({ code: 'OOD_DETECTOR_FILE_INVALID' });
    const other = brightness({ input: { ...description.input, name: 'images' } });
    await expect(load(other)).rejects.toMatchObject({ code: 'OOD_DETECTOR_FILE_INVALID' });
    const whole = brightness();
    const damaged = whole.map((byte, at) => (at > 20 && at < 120 ? 255 : byte));
    await expect(load(damaged)).rejects.toMatchObject({ code: 'OOD_DETECTOR_FILE_INVALID' });
  });

  it('says when its graph fails on an image', async () => {
    const detector = await load(brightness({ input: { ...description.input, size: 3 } }));
    await expect(detector.score(plain(1, 1, 1))).rejects.toMatchObject({ code: 'OOD_DETECTOR_FILE_INVALID' });
  });
});

async function all(scored: AsyncIterable<Scored>): Promise<Scored[]> {
  const gathered: Scored[] = [];
  for await (const each of scored) gathered.push(each);
  return gathered;
}

describe('scoreImages', () => {
  it('gives all in their order, with those that cannot be read, and holds few at a time', async () => {
    let [underWay, most] = [0, 0];
    const detector = {
      score: async (image: unknown) => {
        most = Math.max(most, ++underWay);
        // Later ones are done before earlier ones.
        await new Promise((resolve) => setTimeout(resolve, 20 - Number(image)));
        underWay--;
        return { score: Number(image) };
      },
    } as unknown as LoadedDetector;
    const images = Array.from({ length: 20 }, (_, at): NamedImage => ({ name: `n${at}`, image: String(at) }));
    const found = await all(scoreImages(detector, images));
    expect(found).toEqual(images.map(({ name }, at) => ({ name, verdict: { score: at } })));
    expect(most).toBeLessThanOrEqual(5);
  });

  it('names an image that cannot be read, and ends where the graph fails', async () => {
    const detector = await load(brightness());
    const images = [
      { name: 'bad', image: Buffer.from('bad') },
      { name: 'good', image: plain(9, 9, 9) },
    ];
    expect(await all(scoreImages(detector, images))).toMatchObject([
      { name: 'bad', unreadable: expect.stringContaining('not a supported image') as unknown },
      { name: 'good', verdict: { score: 9 } },
    ]);
    const broken = await load(brightness({ input: { ...description.input, size: 3 } }));
    await expect(all(scoreImages(broken, [...images, ...images]))).rejects.toMatchObject({
      code: 'OOD_DETECTOR_FILE_INVALID',
    });
  });
});
