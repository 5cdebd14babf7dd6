import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseNpy } from '@farout/checkpoints';
import type { RunResults } from '@farout/core';
import { runCli } from '../run-cli.ts';
import { generator } from './parts.ts';
import { scoresIn, type Scores } from './scores.ts';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const data = process.env.FAROUT_DATA ?? here('../../../../../shared/data');
const folder = mkdtempSync(path.join(tmpdir(), 'farout-networks-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** How many images of each kind. */
const count = 5;

const photographs = {
  photographs: {
    'image-list': {
      list: path.join(data, 'images/imagenet-val/list.txt'),
      root: path.join(data, 'images/imagenet-val'),
      limit: count,
    },
  },
  others: { 'image-folder': { root: path.join(data, 'images/textures'), limit: count } },
};
const shades = {
  photographs: { shades: { first: 0, count } },
  others: { shades: { first: 100, count } },
};

/** Networks, and of each a tap with its channels and the one that the global pooling reads. */
const networks = [
  {
    name: 'an ONNX file',
    backbone: { onnx: { weights: here('../classifiers/densenet.onnx'), resize: 32, crop: 32 } },
    taps: ['/features/denseblock2/denselayer1/relu2/Relu_output_0', '/Relu_output_0'],
    channels: 32,
    datasets: shades,
  },
  {
    name: 'resnet50 (needs models/resnet50-ktb.pth)',
    backbone: { resnet50: { weights: path.join(data, 'models/resnet50-ktb.pth') } },
    taps: ['layer3', 'layer4'],
    channels: 1024,
    datasets: photographs,
  },
  {
    name: 'mobilenet-v2 (needs models/mobilenet_v2-coral.pth)',
    backbone: { 'mobilenet-v2': { weights: path.join(data, 'models/mobilenet_v2-coral.pth') } },
    taps: ['stage6', 'last'],
    channels: 160,
    datasets: photographs,
  },
];

describe.each(networks)('parts of a plugin on $name', ({ name, backbone, taps, channels, datasets }) => {
  const [{ weights }] = Object.values(backbone) as [{ readonly weights: string }];
  const describeWithWeights = existsSync(weights) ? describe : describe.skip;

  describeWithWeights('with images of two sets', () => {
    const short = name.slice(0, 8).replaceAll(' ', '-');

    /** A second pass, and further runs, take too long with the others. */
    const isSmall = taps === networks[0]!.taps;

    async function runOn(seed: number, store = short) {
      const file = path.join(folder, `${short}.yaml`);
      const experiment = {
        ...{ name: short, seed, backbone, datasets, id: 'photographs', fit: 'photographs', ood: ['others'] },
        ...{ plugins: [here('parts.ts'), here('shades.ts')], metrics: ['auroc'], store: path.join(folder, store) },
        ...{ allowOverlap: true, allowLargeReadings: true },
        detectors: {
          ...{ Kept: { kept: { taps } }, Two: { 'two-taps': { early: taps[0], late: taps[1] } }, One: 'one-tap' },
          ...{ Drawn: 'drawn', Normed: ['normed', 'energy'], Cut: [{ 'cut-map': { at: 1 } }, 'energy'] },
          ...{ Nearest: 'nearest', ...(isSmall && { 'Cut, learnt': ['cut-map-learnt', 'energy'], Moved: 'moved' }) },
        },
      };
      writeFileSync(file, JSON.stringify(experiment));
      const out = path.join(folder, `${short}-${seed}`);
      const { code, stderr } = await runCli(['run', file, '--no-report', '--out', out], { cwd: folder });
      expect({ code, stderr }).toMatchObject({ code: 0 });
      const results = JSON.parse(readFileSync(path.join(out, 'results.json'), 'utf8')) as RunResults;
      expect(results.failed).toEqual([]);
      const scores = scoresIn(readFileSync(path.join(out, 'scores.csv'), 'utf8').replace('"Cut, learnt"', 'Learnt'));
      return { results, scores, array: (of: string) => parseNpy(readFileSync(path.join(out, 'fitted', of))) };
    }

    let found: Awaited<ReturnType<typeof runOn>>;
    let scores: Scores[string];
    let byHand: ByHand;
    beforeAll(async () => {
      found = await runOn(0);
      scores = found.scores.photographs!;
      const kept = (array: string) => found.array(`0-kept-${array}.npy`) as Numbers;
      byHand = new ByHand(['map0', 'map1', 'weight', 'bias'].map(kept), channels);
    });

    it('one reads two taps: the means of both maps’ maxima', () =>
      expectNear(
        scores.Two!,
        byHand.rows((early, late) => meanOf(maxima(early)) + meanOf(maxima(late))),
      ));

    it('one without parameters reads the map before the pooling', () =>
      expectNear(
        scores.One!,
        byHand.rows((_, late) => meanOf(late.flat())),
      ));

    it('a hook on logits reads features', () =>
      expectNear(
        scores.Normed!,
        byHand.rows((_, late) => {
          const h = late.map(meanOf);
          const norm = Math.sqrt(h.reduce((sum, value) => sum + value ** 2, 0));
          return energy(byHand.logits(h).map((f) => f / (norm + 1)));
        }),
      ));

    it('a hook acts on the map before the pooling', () =>
      expectNear(
        scores.Cut!,
        byHand.rows((_, late) => energy(byHand.logits(late.map((each) => meanOf(each.map((v) => Math.min(v, 1))))))),
      ));

    it('a row scorer goes through its bank: an image of the bank is next to itself', () => {
      expect(scores.Nearest!.every((score) => score === 0)).toBe(true);
      expect(found.scores.others!.Nearest!.every((score) => score < 0)).toBe(true);
    });

    it('a fit sees the head and draws by the seed', () => {
      const draw = generator(0);
      const { head, classes } = byHand;
      const weights = new Float32Array(classes).map(draw);
      const all = byHand.features();
      const direction = all[0]!.map((_, d) => weights.reduce((sum, w, k) => sum + w * head(k, d), 0));
      const centre = direction.map((_, d) => meanOf(all.map((h) => h[d]!)));
      const along = (h: readonly number[]) =>
        h.reduce((sum, value, d) => sum + (value - centre[d]!) * direction[d]!, 0);
      expectNear(
        scores.Drawn!,
        all.map((h) => 1 / (1 + Math.exp(-along(h) / 100))),
      );
    });

    it('each pass reads each image once for all of them', () =>
      expect(found.results.passes).toEqual(isSmall ? [2 * count, 2 * count] : [2 * count]));

    if (!isSmall) return;
    it('another seed gives other digits where a part draws, and reads no image again', async () => {
      const other = await runOn(1);
      const { Drawn: drawn, ...others } = other.scores.photographs!;
      expect(drawn).not.toEqual(scores.Drawn);
      expect({ ...others, Drawn: scores.Drawn }).toEqual(scores);
      expect(other.results.passes).toEqual([0, 0]);
    });

    it('the same seed gives the same digits, with another store', async () =>
      expect((await runOn(0, 'another-store')).scores).toEqual(found.scores));
  });
});

type Map = readonly (readonly number[])[];

/** Plain loops over what the part `kept` has kept: two maps of each image, weight and bias of the last layer. */
class ByHand {
  readonly #maps: readonly Numbers[];
  readonly #channels: readonly number[];
  readonly #weight: Numbers;
  readonly #bias: Numbers;

  constructor([early, late, weight, bias]: readonly Numbers[], earlyChannels: number) {
    this.#maps = [early!, late!];
    this.#weight = weight!;
    this.#bias = bias!;
    this.#channels = [earlyChannels, weight!.shape[1]!];
  }

  /** One number an image, of both maps as channels of places. */
  rows(compute: (early: Map, late: Map) => number): number[] {
    return Array.from({ length: count }, (_, row) => compute(this.#map(0, row), this.#map(1, row)));
  }

  /** Of each image. */
  features(): number[][] {
    return Array.from({ length: count }, (_, row) => this.#map(1, row).map(meanOf));
  }

  get classes(): number {
    return this.#weight.shape[0]!;
  }

  head = (k: number, d: number): number => this.#weight.data[k * this.#weight.shape[1]! + d]!;

  logits(h: readonly number[]): number[] {
    return Array.from(this.#bias.data, (b, k) => h.reduce((sum, value, d) => sum + value * this.head(k, d), b));
  }

  #map(which: 0 | 1, row: number): Map {
    const { data: values, shape } = this.#maps[which]!;
    const channels = this.#channels[which]!;
    const places = shape[1]! / channels;
    return Array.from({ length: channels }, (_, channel) => {
      const start = row * shape[1]! + channel * places;
      return [...values.subarray(start, start + places)];
    });
  }
}

interface Numbers {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const maxima = (map: Map) => map.map((places) => Math.max(...places));

function energy(logits: readonly number[]): number {
  const most = Math.max(...logits);
  return most + Math.log(logits.reduce((sum, f) => sum + Math.exp(f - most), 0));
}

/** float32 along a network's width. */
function expectNear(scores: readonly number[], expected: readonly number[]): void {
  const apart = scores.map((score, row) => Math.abs(score - expected[row]!) / Math.max(1, Math.abs(expected[row]!)));
  expect({ scores, expected, near: apart.every((each) => each < 1e-4) }).toMatchObject({ near: true });
}
