import { describe, expect, it } from '@jest/globals';
import { writeOnnx } from '@farout/onnx';
import { constant, input } from '@farout/tensor';
import {
  defineHook,
  defineScorer,
  stagedNetwork,
  traceHooks,
  traceReadings,
  traceScore,
  z,
  type HookDefinition,
  type NetworkView,
  type SymbolicScorer,
} from '../src/index.ts';

const nothing = { params: {}, learnt: {} };
const network = {
  features: input('features', ['N', 4]),
  head: { weight: input('weight', [3, 4]), bias: input('bias', [3]) },
};
const bare = network.features.linear(network.head.weight, network.head.bias);

const clip = defineHook({
  name: 'clip',
  params: z.object({ c: z.number().default(1) }),
  features: (h, { c }) => h.minimum(c),
});
const scale = defineHook({
  name: 'scale',
  features: (h) => h.mul(2),
  head: ({ weight, bias }) => ({ weight: weight.mul(3), bias: bias.mul(4) }),
  logits: (f) => f.mul(5),
});
const shift = defineHook({ name: 'shift', logits: (f) => f.add(6) });

describe('traceHooks', () => {
  it('without hooks is the bare network', () => {
    const { features, head, logits } = traceHooks(network, []);
    expect([features, head]).toEqual([network.features, network.head]);
    expect(writeOnnx({ logits })).toEqual(writeOnnx({ logits: bare }));
  });

  it('rewrites features, head and logits, hooks in their order', () => {
    const hooks = [
      { definition: clip, params: { c: 0.5 }, learnt: {} },
      { definition: scale, ...nothing },
      { definition: shift, ...nothing },
    ];
    const features = network.features.minimum(0.5).mul(2);
    const head = { weight: network.head.weight.mul(3), bias: network.head.bias.mul(4) };
    const logits = features.linear(head.weight, head.bias).mul(5).add(6);
    const traced = traceHooks(network, hooks);
    expect(writeOnnx({ h: traced.features, w: traced.head.weight, b: traced.head.bias, f: traced.logits })).toEqual(
      writeOnnx({ h: features, w: head.weight, b: head.bias, f: logits }),
    );
    const reversed = traceHooks(network, [...hooks].reverse());
    expect(writeOnnx({ f: reversed.logits })).not.toEqual(writeOnnx({ f: logits }));
  });

  it('hands what a hook learnt to it as constants that are named after both', () => {
    const learnt = { c: { data: Float32Array.of(7), shape: [] } };
    const hook = defineHook({ name: 'fitted', features: (h, _, { learnt }) => h.minimum(learnt.c!) });
    const { features } = traceHooks(network, [{ definition: hook, params: {}, learnt }]);
    const expected = network.features.minimum(constant(learnt.c, 'fitted.c'));
    expect(writeOnnx({ h: features })).toEqual(writeOnnx({ h: expected }));
  });
});

describe('traceScore', () => {
  const scorer = (score: SymbolicScorer['score']) => ({
    definition: defineScorer({ name: 'example', score }) as SymbolicScorer,
    params: { temperature: 2 },
    learnt: { mean: { data: Float32Array.of(1), shape: [] } },
  });
  const context = traceHooks(network, []);

  it('gives the scorer the context, its parameters and what it learnt', () => {
    const traced = traceScore(
      context,
      scorer(({ logits }, { temperature }, { learnt: { mean } }) =>
        logits
          .max()
          .div(temperature as number)
          .sub(mean!),
      ),
    );
    const expected = bare
      .max()
      .div(2)
      .sub(constant({ data: Float32Array.of(1), shape: [] }, 'example.mean'));
    expect(writeOnnx({ traced })).toEqual(writeOnnx({ traced: expected }));
  });

  it.each<[string, SymbolicScorer['score'], string]>([
    ['a score per class', ({ logits }) => logits, 'float32 (N, 3)'],
    ['a column', ({ logits }) => logits.max(-1, { keepDims: true }), 'float32 (N, 1)'],
    ['one score for all', ({ logits }) => logits.max([0, 1]), 'float32 ()'],
    ['a class', ({ logits }) => logits.argMax(), 'int64 (N)'],
    ['a score per feature', ({ features }) => features.max(0), 'float32 (4)'],
  ])('refuses %s', (_, score, found) => {
    expect(() => traceScore(context, scorer(score))).toThrow(
      expect.objectContaining({
        code: 'OOD_DETECTOR_FAILED',
        message: `scorer "example" returns ${found}, expected float32 (N)`,
      }),
    );
  });
});

/** Two stages, each a product, and images that go into them. */
const image = input('image', ['N', 3, 4, 4]);
const staged = stagedNetwork(
  new Map([
    ['early', (x) => x.mul(2)],
    ['late', (x) => x.add(1).relu()],
  ]),
);
const head = { weight: input('weight', [2, 3]), bias: input('bias', [2]) };
const overImages = {
  features: staged.features(image),
  head,
  images: { image, std: constant({ data: Float32Array.of(1, 1, 1), shape: [3, 1, 1] }), backbone: staged },
};
const hooked = (...definitions: HookDefinition[]) =>
  traceHooks(
    overImages,
    definitions.map((definition) => ({ definition, ...nothing })),
  );
const same = (found: NetworkView['features'], expected: NetworkView['features']) =>
  expect(writeOnnx({ x: found })).toEqual(writeOnnx({ x: expected }));

describe('a network as parts see it', () => {
  it('has taps by name, and without a name the one that the pooling reads', () => {
    const view = hooked();
    expect(view.taps).toEqual(['early', 'late']);
    same(view.tap('early'), image.mul(2));
    same(view.tap(), image.mul(2).add(1).relu());
    same(
      traceHooks(
        { ...overImages, images: { ...overImages.images, backbone: { ...staged, lastTap: 'early' } } },
        [],
      ).tap(),
      image.mul(2),
    );
  });

  it('has taps by their names alone where none is pooled, and refuses who wants one', () => {
    const backbone = { ...staged, lastTap: false as const };
    const view = traceHooks({ ...overImages, images: { ...overImages.images, backbone } }, []);
    expect(view.taps).toEqual([]);
    same(view.tap('early'), image.mul(2));
    const wanting = (what: string) =>
      expect.objectContaining({
        code: 'OOD_UNKNOWN_TAP',
        message: `it reads ${what}, but the features of this network are not pooled from a map; vision transformers have none`,
      });
    expect(() => view.tap()).toThrow(wanting('the map that is pooled'));
    expect(() => view.tap('layer4')).toThrow(wanting('the map "layer4"'));
    const clipping = defineHook({ name: 'clip the map', map: () => (map) => map.minimum(1) });
    const hooks = [{ definition: clipping, ...nothing }];
    expect(() => traceHooks({ ...overImages, images: { ...overImages.images, backbone } }, hooks).features).toThrow(
      wanting('the map that is pooled'),
    );
  });

  it('says which taps there are where one is asked for that is not', () => {
    expect(() => hooked().tap('lat')).toThrow(
      expect.objectContaining({
        code: 'OOD_UNKNOWN_TAP',
        message: 'the backbone has no tap "lat"',
        fix: 'Did you mean "late"?',
        choices: { title: 'Taps of this backbone', names: ['early', 'late'] },
      }),
    );
    expect(() => hooked().convolution('conv')).toThrow(
      expect.objectContaining({ code: 'OOD_UNKNOWN_TAP', fix: 'Use another backbone.' }),
    );
    expect(() => hooked().featuresFrom('middle', image)).toThrow(expect.objectContaining({ code: 'OOD_UNKNOWN_TAP' }));
  });

  it('goes on from a changed map, through the hooks on features, head and logits', () => {
    const map = hooked().tap('early').mul(5);
    const features = map.add(1).relu().mean([2, 3]).mul(2);
    same(hooked(scale).featuresFrom('early', map), features);
    const logits = features.linear(head.weight.mul(3), head.bias.mul(4)).mul(5);
    same(hooked(scale).logitsFrom('early', map), logits);
  });

  it('applies a hook to the map that is pooled, of other images, too', () => {
    const half = defineHook({ name: 'half', map: () => (map) => map.mul(0.5) });
    const expected = (x: typeof image) => x.mul(2).add(1).relu().mul(0.5).mean([2, 3]);
    same(hooked(half).features, expected(image));
    same(hooked(half).featuresOf(image.neg()), expected(image.neg()));
    expect(() => hooked(half).featuresFrom('early', image)).toThrow(
      expect.objectContaining({ code: 'OOD_DETECTOR_FAILED', fix: 'Remove the hooks that read or change maps.' }),
    );
  });

  it('shows a hook on logits the features and the head that the hooks before it left', () => {
    const cosine = defineHook({
      name: 'cosine',
      logits: (z, _, { features, head: { bias } }) => z.div(features.abs().sum(-1, { keepDims: true })).sub(bias),
    });
    const features = overImages.features.mul(2);
    const [weight, bias] = [head.weight.mul(3), head.bias.mul(4)];
    const z = features.linear(weight, bias).mul(5);
    same(hooked(scale, cosine).logits, z.div(features.abs().sum(-1, { keepDims: true })).sub(bias));
  });

  it('refuses a look at images where only features are stored', () => {
    expect(() => traceHooks(network, []).tap()).toThrow(
      expect.objectContaining({
        code: 'OOD_DETECTOR_FAILED',
        message: 'it needs images; only stored features are available',
      }),
    );
  });
});

describe('traceReadings', () => {
  const peaks = defineHook({
    name: 'peaks',
    readings: ({ tap }) => ({ peaks: tap('late').max([2, 3]) }),
    readingsAfter: ({ features }, _, { learnt }) => ({ gap: features.sub(learnt.mean!).abs().sum() }),
    features: (h, _, { readings }) => h.add(readings.peaks!),
  });
  const learnt = { mean: { data: Float32Array.of(1, 2, 3), shape: [3] } };
  const part = { definition: peaks, params: {}, learnt };

  it('gives the readings of either pass, or of both', () => {
    const names = (which?: 'first' | 'after' | 'all') => Object.keys(traceReadings(hooked(), part, which));
    expect([names('first'), names('after'), names()]).toEqual([['peaks'], ['gap'], ['peaks', 'gap']]);
  });

  it('makes the readings of a hook of the network behind the hooks before it, and of images that are moved', () => {
    const moved = traceHooks(overImages, [{ definition: scale, ...nothing }, part]).featuresOf(image.add(7));
    const late = image.add(7).mul(2).add(1).relu();
    same(
      moved,
      late
        .mean([2, 3])
        .mul(2)
        .add(late.max([2, 3])),
    );
  });

  it('takes stored readings where they are at hand', () => {
    const readings = { peaks: input('stored', ['N', 3]) };
    same(traceHooks(overImages, [{ ...part, readings }]).features, overImages.features.add(readings.peaks));
  });

  it('gives a score those alone that it says it reads', () => {
    const seen: string[][] = [];
    const scorer = (reads?: readonly string[]): SymbolicScorer => ({
      name: 'two',
      readings: ({ tap }) => ({ low: tap('late').mean([2, 3]), high: tap('late').max([2, 3]) }),
      ...(reads && { reads }),
      score: ({ logits }, _, at) => {
        seen.push(Object.keys(at.readings));
        return logits.max();
      },
    });
    for (const reads of [undefined, ['high']]) traceScore(hooked(), { definition: scorer(reads), ...nothing });
    expect(seen).toEqual([['low', 'high'], ['high']]);
  });

  it.each<[string, NonNullable<SymbolicScorer['readings']>, string]>([
    [
      'features',
      ({ tap }) => ({ features: tap().max([1, 2, 3]) }),
      '"reads" has a reading called "features", a name that every part already has',
    ],
    [
      'the whole batch',
      ({ tap }) => ({ top: tap().max().max([0, 1, 2]) }),
      'reading "top" of "reads" is float32 (), expected float32 (N, …)',
    ],
    [
      'no float32',
      ({ tap }) => ({ top: tap().max([1, 2, 3]).cast('int32') }),
      'reading "top" of "reads" is int32 (N), expected float32 (N, …)',
    ],
    [
      'no tensor',
      () => ({ top: undefined as never }),
      'reading "top" of "reads" is no tensor, expected float32 (N, …)',
    ],
  ])('refuses a reading of %s', (_, readings, message) => {
    const definition = { name: 'reads', readings };
    expect(() => traceReadings(hooked(), { definition, ...nothing })).toThrow(
      expect.objectContaining({ code: 'OOD_DETECTOR_FAILED', message }),
    );
  });
});
