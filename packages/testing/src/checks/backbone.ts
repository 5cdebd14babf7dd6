import assert from 'node:assert/strict';
import { evaluate } from '@farout/runtime';
import { assertClose, assertGradient, weightedSum } from '../assertions.ts';
import {
  copyFiles,
  featuresOf,
  featuresOfEach,
  imageInput,
  holdsCheckpoint,
  networkRounding,
  openNetwork,
  type BackboneSubject,
} from '../backbone-subject.ts';
import { parametersClosed, parametersRefused } from '../parameters.ts';
import { generatedImages, imageAt, paintImages } from '../sample.ts';
import type { Check } from '../test-runner.ts';
import { tapChecks } from './taps.ts';

/** Leftover, missing or misshapen parameters mean that the checkpoint is of another network; the host reports them. */
export const checkpointTaken: Check<BackboneSubject> = {
  title: 'takes all parameters of its checkpoints, and no others',
  applies: (subject) => holdsCheckpoint(subject) || 'its case brings no checkpoint',
  run: async (subject) => {
    const { states, head } = await openNetwork(subject);
    for (const state of states) state.finish(subject.definition.name, head.weight.shape[0] as number);
  },
};

/** A network from a file is compared with that file after opening; they share their numbers. */
export const filesUntouched: Check<BackboneSubject> = {
  title: 'does not change the numbers of its files',
  applies: ({ files }) => files !== undefined || 'its case brings no files',
  run: async (subject) => {
    const [opened, before] = [copyFiles(subject.files), copyFiles(subject.files)];
    const { features } = await openNetwork(subject, opened);
    features(imageInput(subject));
    assert.deepEqual(opened, before, 'a file was written to');
  },
};

/** Features are stored as rows of D numbers, where D is the number of columns of the head's weight, for any number of images. */
export const featureShape: Check<BackboneSubject> = {
  title: 'computes D features for every image of crop × crop pixels, float32 (N, D)',
  run: async (subject) => {
    const { features, head } = await openNetwork(subject);
    const width = head.weight.shape.at(-1);
    const { dtype, shape } = features(imageInput(subject));
    assert.deepEqual({ dtype, shape }, { dtype: 'float32', shape: ['N', width] });
    const batches = [1, 3].map((count) => generatedImages(count, subject.params.crop));
    const found = await featuresOfEach(subject, batches);
    assert.deepEqual(
      found.map((each) => [...each.shape]),
      [
        [1, width],
        [3, width],
      ],
    );
  },
};

/** Hooks that rewrite the head, and scorers that read it, rely on K rows and a bias for each. */
export const headShape: Check<BackboneSubject> = {
  title: 'has a head of known sizes: weight (K, D) and bias (K), float32',
  run: async (subject) => {
    const { weight, bias } = (await openNetwork(subject)).head;
    assert.deepEqual([weight.dtype, bias.dtype], ['float32', 'float32']);
    const areSizes = weight.shape.every((size) => typeof size === 'number');
    assert.ok(areSizes && weight.shape.length === 2, `the weight is (${weight.shape.join(', ')})`);
    assert.deepEqual(bias.shape, weight.shape.slice(0, 1), 'the shape of the bias');
  },
};

/** Features that are the same for all images are useless, and would pass any comparison. */
export const imageMatters: Check<BackboneSubject> = {
  title: 'computes different features for different images',
  run: async (subject) => {
    const { data, shape } = await featuresOf(subject, generatedImages(2, subject.params.crop));
    assert.notDeepEqual(data.slice(0, shape[1]), data.slice(shape[1]));
  },
};

/** An image's features must not depend on the other images of its batch: batches are split to suit the machine. */
export const batchAsImages: Check<BackboneSubject> = {
  title: 'computes the same features for a batch as for its images one by one',
  run: async (subject) => {
    const images = generatedImages(3, subject.params.crop);
    const each = [0, 1, 2].map((n) => imageAt(images, n));
    const [together, ...alone] = await featuresOfEach(subject, [images, ...each]);
    alone.forEach(({ data }, n) =>
      assertClose(imageAt(together!, n).data, data, `image ${n} in its batch and alone`, networkRounding),
    );
  },
};

/** Stored features are found by the hash of the network's graph: the same files must give the same graph. */
export const openedAgain: Check<BackboneSubject> = {
  title: 'is the same network when opened again',
  run: async (subject) => {
    const images = generatedImages(2, subject.params.crop);
    const [first, second] = [await featuresOf(subject, images), await featuresOf(subject, images)];
    assert.deepEqual(second.data, first.data, 'the features differ');
    const heads = [await openNetwork(subject), await openNetwork(subject)].map(({ head }) => numbersOf(head));
    assert.deepEqual(heads[1], heads[0], 'the heads differ');
  },
};

const numbersOf = ({ weight, bias }: Awaited<ReturnType<typeof openNetwork>>['head']) =>
  [weight, bias].map(({ origin }) => (origin.kind === 'constant' ? origin.array.data : undefined));

/** ODIN applies the network to an image, and again to the modified image. */
export const appliedAgain: Check<BackboneSubject> = {
  title: 'computes the same features when applied to two batches as for each alone',
  run: async (subject) => {
    const image = generatedImages(2, subject.params.crop);
    const { features } = await openNetwork(subject);
    const symbol = imageInput(subject);
    const [first, second] = [features(symbol), features(symbol.mul(0.5))];
    const both = await evaluate({ first, second }, { image });
    const halved = { ...image, data: image.data.map((value) => value * 0.5) };
    const alone = await featuresOfEach(subject, [image, halved]);
    assertClose(both.first!.data, alone[0]!.data, 'features of the first images', networkRounding);
    assertClose(both.second!.data, alone[1]!.data, 'features of the second images', networkRounding);
  },
};

/** Far beyond white, which is 2 or 3 after normalisation; exp overflows float32 at 89. */
const large = 100;

/** A single NaN among an image's features makes its score NaN, and the detector fails. */
export const finiteOnExtremeImages: Check<BackboneSubject> = {
  title: 'stays finite on black, on white and on images of ±100',
  run: async (subject) => {
    const { crop, mean, std } = subject.params;
    const grey = (level: number) => (channel: number) => (level - mean[channel]!) / std[channel]!;
    const paints = [grey(0), grey(1), () => large, () => -large, (_: number, place: number) => large * (-1) ** place];
    const images = paintImages(paints.length, crop, (image, channel, place) => paints[image]!(channel, place));
    const { data } = await featuresOf(subject, images);
    Array.from(data, Number).forEach((value, i) => assert.ok(Number.isFinite(value), `feature ${i} is ${value}`));
  },
};

/** A step contains thousands of kinks, and float32 rounds in every layer; the error of a missing term is far larger. */
const tolerance = 0.05;

/** ODIN moves images along the gradient of their logits; a wrong gradient gives plausible scores. */
export const networkGradient: Check<BackboneSubject> = {
  title:
    'has a gradient that agrees with finite differences of its logits along random directions of the image, or rejects differentiation',
  run: async (subject) => {
    const { features, head } = await openNetwork(subject);
    const image = imageInput(subject);
    const logits = features(image).linear(head.weight, head.bias);
    await assertGradient(weightedSum(logits), image, generatedImages(2, subject.params.crop), tolerance);
  },
};

/** The contract of a backbone. */
export const backboneChecks: readonly Check<BackboneSubject>[] = [
  parametersRefused,
  parametersClosed,
  checkpointTaken,
  filesUntouched,
  featureShape,
  headShape,
  imageMatters,
  batchAsImages,
  openedAgain,
  appliedAgain,
  finiteOnExtremeImages,
  networkGradient,
  ...tapChecks,
];
