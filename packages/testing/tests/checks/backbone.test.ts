import { describe, expect, it } from '@jest/globals';
import { defineBackbone, filePath, imageParameters, z, type Backbone, type BackboneFiles } from '@farout/core';
import { onnxOperator } from '@farout/onnx';
import { constant, type Tensor } from '@farout/tensor';
import {
  appliedAgain,
  batchAsImages,
  checkpointTaken,
  featureShape,
  filesUntouched,
  finiteOnExtremeImages,
  headShape,
  imageMatters,
  networkGradient,
  openedAgain,
} from '../../src/checks/backbone.ts';
import { parametersClosed, parametersRefused } from '../../src/parameters.ts';
import { failingBackboneChecks } from '../parts/failing-checks.ts';

const params = z.object({ weights: filePath(), ...imageParameters });

type Open = (files: BackboneFiles) => Promise<Backbone>;
const backbone = (name: string, open: Open) => () => defineBackbone({ name, params, open: (_, files) => open(files) });

/** A correct network: a convolution with ReLU, the mean over the image, 5 features and 2 classes. */
const small: Open = async ({ stateDict }) => {
  const state = await stateDict('w');
  const [weight, bias] = [state.take('conv.weight', [5, 3, 3, 3]), state.take('conv.bias', [5])];
  return {
    features: (image) => image.conv(weight, { bias, padding: 1 }).relu().mean([2, 3]),
    head: { weight: state.take('fc.weight', [2, 5]), bias: state.take('fc.bias', [2]) },
  };
};

/** The same network with other features. */
const rewritten = (name: string, features: (image: Tensor, network: Backbone) => Tensor) =>
  backbone(name, async (files) => {
    const network = await small(files);
    return { ...network, features: (image) => features(image, network) };
  });

const filled = (shape: readonly number[]) => ({
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(i)),
  shape,
});
const checkpoint = () => ({
  'conv.weight': filled([5, 3, 3, 3]),
  'conv.bias': filled([5]),
  'fc.weight': filled([2, 5]),
  'fc.bias': filled([2]),
});

describe('the contract of a backbone', () => {
  it('finds no fault with one that keeps it, of a checkpoint that is given or generated', async () => {
    expect(await failingBackboneChecks(backbone('small', small))).toEqual([]);
    expect(await failingBackboneChecks(backbone('small', small), { w: checkpoint() })).toEqual([]);
  });

  it('finds no fault with one whose derivative is refused, here that of a mean over any number of images', async () => {
    const refused = rewritten('refused', (image, { features }) => {
      const h = features(image);
      return h.add(h.mean(0).mul(0));
    });
    expect(await failingBackboneChecks(refused)).toEqual([]);
  });

  it('catches a parameter that takes anything', async () => {
    const lax = () =>
      defineBackbone({
        name: 'lax',
        params: params.extend({ width: z.any().optional() }),
        open: (_, files) => small(files),
      });
    expect(await failingBackboneChecks(lax)).toEqual([parametersRefused.title]);
  });

  it('catches parameters that no schema knows', async () => {
    const loose = () => defineBackbone({ name: 'loose', params: params.loose(), open: (_, files) => small(files) });
    expect(await failingBackboneChecks(loose)).toEqual([parametersClosed.title]);
  });

  it('catches a parameter of the checkpoint that is left over, and one that is not there', async () => {
    const more = { w: { ...checkpoint(), 'norm.weight': filled([5]) } };
    expect(await failingBackboneChecks(backbone('small', small), more)).toEqual([checkpointTaken.title]);
    const { 'fc.bias': bias, ...less } = checkpoint();
    expect(bias).toBeDefined();
    expect(await failingBackboneChecks(backbone('small', small), { w: less })).toEqual([checkpointTaken.title]);
  });

  it('catches weights that are turned round where they lie', async () => {
    const inPlace = backbone('in place', async (files) => {
      const network = await small(files);
      const { origin } = network.head.weight;
      if (origin.kind === 'constant') origin.array.data.reverse();
      return network;
    });
    expect(await failingBackboneChecks(inPlace, { w: checkpoint() })).toEqual([filesUntouched.title]);
  });

  it('catches features of another precision; a head that does not take them fails wherever logits are computed', async () => {
    const double = rewritten('double', (image, { features }) => features(image).cast('float64'));
    const failed = await failingBackboneChecks(double);
    expect(failed).toContain(featureShape.title);
    expect(failed).not.toContain(headShape.title);
  });

  it('catches features of one image more than there are', async () => {
    const stack = rewritten('stack', (image, { features }) => {
      const first = features(image).mean(0, { keepDims: true });
      return onnxOperator('Concat', [features(image), first], { axis: 0 })[0]!;
    });
    expect(await failingBackboneChecks(stack)).toContain(featureShape.title);
  });

  it('catches a bias for every image', async () => {
    const perImage = backbone('row', async (files) => {
      const { features, head } = await small(files);
      return { features, head: { ...head, bias: head.bias.unsqueeze([0]) } };
    });
    const failed = await failingBackboneChecks(perImage);
    expect(failed).toContain(headShape.title);
    expect(failed).not.toContain(featureShape.title);
  });

  it('catches features that do not depend on the image', async () => {
    const blind = rewritten('blind', (image, { features }) => features(image.mul(0)));
    expect(await failingBackboneChecks(blind)).toEqual([imageMatters.title]);
  });

  it('catches features that depend on the other images of the batch', async () => {
    const centred = rewritten('centred', (image, { features }) =>
      features(image).sub(features(image).mean(0).mul(1e-3)),
    );
    expect(await failingBackboneChecks(centred)).toEqual([batchAsImages.title]);
  });

  it('catches weights that are drawn when it opens', async () => {
    const drawn = () => {
      let opened = 0;
      return backbone('drawn', async (files) => {
        const network = await small(files);
        const noise = 1 + 2 ** -22 * (opened++ % 2);
        return { ...network, features: (image) => network.features(image).mul(noise) };
      })();
    };
    expect(await failingBackboneChecks(drawn)).toEqual([openedAgain.title]);
  });

  it('catches a head that is another one when it is opened again', async () => {
    const drawn = () => {
      let opened = 0;
      return backbone('drawn head', async (files) => {
        const { features, head } = await small(files);
        return { features, head: { ...head, bias: constant({ data: Float32Array.of(0, opened++), shape: [2] }) } };
      })();
    };
    expect(await failingBackboneChecks(drawn)).toEqual([openedAgain.title]);
  });

  it('catches a network that is used up, and one that remembers its first image', async () => {
    const usedUp = backbone('used up', async (files) => {
      const network = await small(files);
      const gains = [1, 2];
      return { ...network, features: (image) => network.features(image).mul(gains.shift() ?? 3) };
    });
    expect(await failingBackboneChecks(usedUp)).toEqual([appliedAgain.title]);
    const remembers = backbone('remembers', async (files) => {
      const network = await small(files);
      let known: Tensor | undefined;
      return { ...network, features: (image) => (known ??= network.features(image)) };
    });
    expect(await failingBackboneChecks(remembers)).toEqual([appliedAgain.title]);
  });

  it('catches an overflow', async () => {
    const explodes = rewritten('explodes', (image) =>
      image
        .exp()
        .mean([2, 3])
        .matmul(constant(filled([3, 5]))),
    );
    expect(await failingBackboneChecks(explodes)).toEqual([finiteOnExtremeImages.title]);
  });

  it('catches a derivative that is lost on the way through whole numbers', async () => {
    const fixedPoint = (x: Tensor) =>
      x
        .mul(2 ** 16)
        .cast('int32')
        .cast('float32')
        .div(2 ** 16);
    const lost = rewritten('fixed point', (image, { features }) => features(fixedPoint(image)));
    expect(await failingBackboneChecks(lost)).toEqual([networkGradient.title]);
  });
});
