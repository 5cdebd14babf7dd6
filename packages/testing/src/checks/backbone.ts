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

/** What is left over, missing or of another shape is the sign of another network: the host refuses it. */
export const checkpointTaken: Check<BackboneSubject> = {
  title: 'takes all parameters of its checkpoints, and no others',
  applies: (subject) => holdsCheckpoint(subject) || 'its case brings no checkpoint',
  run: async (subject) => {
    const { states, head } = await openNetwork(subject);
    for (const state of states) state.finish(subject.definition.name, head.weight.shape[0] as number);
  },
};

/** A network out of a file is compared with that file after it was opened: the numbers in it are shared. */
export const filesUntouched: Check<BackboneSubject> = {
  title: 'leaves the numbers of its files as they are',
  applies: ({ files }) => files !== undefined || 'its case brings no files',
  run: async (subject) => {
    const [opened, before] = [copyFiles(subject.files), copyFiles(subject.files)];
    const { features } = await openNetwork(subject, opened);
    features(imageInput(subject));
    assert.deepEqual(opened, before, 'a file was written to');
  },
};

/** Features are stored as rows of D numbers, as many as the head's weight has columns, for any number of images. */
export const featureShape: Check<BackboneSubject> = {
  title: 'makes D features of every image of crop × crop pixels, float32 (N, D)',
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

/** Hooks that rewrite the head, and scorers that read it, count on K rows and a bias for each. */
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

/** Features that are the same for all images tell nothing apart, and would agree with any test of them. */
export const imageMatters: Check<BackboneSubject> = {
  title: 'makes different features of different images',
  run: async (subject) => {
    const { data, shape } = await featuresOf(subject, generatedImages(2, subject.params.crop));
    assert.notDeepEqual(data.slice(0, shape[1]), data.slice(shape[1]));
  },
};

/** An image's features do not depend on the images beside it: batches are cut where it suits the machine. */
export const batchAsImages: Check<BackboneSubject> = {
  title: 'makes of a batch what it makes of its images one by one',
  run: async (subject) => {
    const images = generatedImages(3, subject.params.crop);
    const each = [0, 1, 2].map((n) => imageAt(images, n));
    const [together, ...alone] = await featuresOfEach(subject, [images, ...each]);
    alone.forEach(({ data }, n) =>
      assertClose(imageAt(together!, n).data, data, `image ${n} in its batch and alone`, networkRounding),
    );
  },
};

/** Stored features are found again by the network's graph: the same files must make the same one. */
export const openedAgain: Check<BackboneSubject> = {
  title: 'is the same network when it is opened again',
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

/** ODIN applies the network to an image, and again to the image after its step. */
export const appliedAgain: Check<BackboneSubject> = {
  title: 'makes of other images what it makes of them alone when it is applied to both',
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

/** Far beyond white, which is 2 or 3 after normalising: float32 overflows at exp(89). */
const large = 100;

/** One NaN among an image's features makes its score NaN, and the run refuses the detector. */
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

/** Thousands of corners lie within a step, and float32 rounds in every layer; what a missing term makes is far larger. */
const tolerance = 0.05;

/** ODIN moves images along the gradient of their logits; a wrong one gives scores that look like scores. */
export const networkGradient: Check<BackboneSubject> = {
  title: 'has the gradient that its logits show along random directions of the image, or refuses it',
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
