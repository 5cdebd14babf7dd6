import { describe, expect, it } from '@jest/globals';
import { FaroutError, StateDict } from '../../src/index.ts';

const array = (...shape: number[]) => ({ data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1), shape });

const refusal = (use: () => unknown): FaroutError => {
  try {
    use();
  } catch (error) {
    if (error instanceof FaroutError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('StateDict', () => {
  it('hands out arrays by name and shape, as they are', () => {
    const weight = { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] };
    const state = new StateDict(new Map([['fc.weight', weight]]), 'net.pth');
    const tensor = state.take('fc.weight', [2, 3]);
    expect(tensor.shape).toEqual([2, 3]);
    expect(tensor.origin).toMatchObject({ kind: 'constant', array: weight });
    expect(() => state.finish('resnet50')).not.toThrow();
  });

  it('reports what is missing, unexpected and misshapen all at once', () => {
    const arrays = new Map([
      ['fc.weight', array(10, 4)],
      ['fc.extra', array(1)],
    ]);
    const state = new StateDict(arrays, 'weights/net.pth');
    state.take('fc.weight', [1000, 4]);
    state.take('fc.bias', [1000]);
    const error = refusal(() => state.finish('resnet50'));
    expect(error.code).toBe('OOD_CHECKPOINT_MISMATCH');
    expect(error.message.split('\n')).toEqual([
      'weights/net.pth does not contain the parameters of resnet50',
      '  1 missing: fc.bias',
      '  1 unexpected: fc.extra',
      '  1 of another shape: fc.weight is (10, 4), expected (1000, 4)',
    ]);
    expect(error.fix).toBe('Name the checkpoint of a resnet50, or the backbone that these weights belong to.');
  });

  it('gives zeros of the expected shape for what is missing or misshapen, so that the network is walked to its end', () => {
    const state = new StateDict(new Map([['a', array(2)]]), 'net.pth');
    for (const name of ['a', 'b']) {
      const { origin, shape } = state.take(name, [2, 2]);
      expect(shape).toEqual([2, 2]);
      expect(origin).toMatchObject({ array: { data: Float32Array.of(0, 0, 0, 0) } });
    }
  });

  it('leaves a size that the file may choose to it', () => {
    const state = new StateDict(
      new Map([
        ['fc.weight', array(7, 4)],
        ['x', array(7, 5)],
      ]),
      'net.pth',
    );
    expect(state.take('fc.weight', [undefined, 4]).shape).toEqual([7, 4]);
    state.take('x', [undefined, 4]);
    expect(refusal(() => state.finish('net')).message).toContain('1 of another shape: x is (7, 5), expected (any, 4)');
  });

  it('wants a size of one name in all parameters, and says which of them chose it', () => {
    const headOf = (weight: number[], bias: number[]) => {
      const arrays = new Map([
        ['fc.weight', array(...weight)],
        ['fc.bias', array(...bias)],
      ]);
      const state = new StateDict(arrays, 'net.pth');
      const shapes = [state.take('fc.weight', ['classes', 4]), state.take('fc.bias', ['classes'])].map(
        ({ shape }) => shape,
      );
      return { shapes, finish: () => state.finish('net') };
    };
    const { shapes, finish } = headOf([7, 4], [7]);
    expect(shapes).toEqual([[7, 4], [7]]);
    expect(finish).not.toThrow();
    const saidOf = (...shapesOf: Parameters<typeof headOf>) =>
      refusal(headOf(...shapesOf).finish)
        .message.split('\n')
        .slice(1);
    expect(saidOf([10, 4], [5])).toEqual([
      '  1 of another shape: fc.bias is (5), expected (10 classes as fc.weight has)',
    ]);
    expect(saidOf([10, 6], [10])).toEqual(['  1 of another shape: fc.weight is (10, 6), expected (classes, 4)']);
    expect(saidOf([10], [10, 1])).toEqual([
      '  2 of another shape: fc.weight is (10), expected (classes, 4), fc.bias is (10, 1), expected (classes)',
    ]);
  });

  it('passes over the counter and the prefix of an averaged model', () => {
    const names = ['n_averaged', 'module.fc.weight'];
    const state = new StateDict(new Map(names.map((name) => [name, array(2)])), 'net.pth');
    expect(state.take('fc.weight', [2]).origin).toMatchObject({ array: array(2) });
    expect(() => state.finish('net')).not.toThrow();
  });

  it('spells out eight names and counts the rest', () => {
    const state = new StateDict(new Map(), 'net.pth');
    for (let layer = 1; layer <= 10; layer++) state.take(`layer${layer}`, [1]);
    expect(refusal(() => state.finish('net')).message).toMatch(/10 missing: layer1, .*, layer8 and 2 more$/);
  });

  it('passes over the counters that batch normalisation stores, and over nothing that looks like them', () => {
    const counters = new Map([
      ['bn1.num_batches_tracked', array()],
      ['num_batches_tracked', array()],
    ]);
    expect(() => new StateDict(counters, 'net.pth').finish('net')).not.toThrow();
    const lookalike = new Map([['xnum_batches_tracked', array()]]);
    expect(() => new StateDict(lookalike, 'net.pth').finish('net')).toThrow('1 unexpected: xnum_batches_tracked');
  });

  it('allows a parameter to be taken twice', () => {
    const state = new StateDict(new Map([['shared', array(2)]]), 'net.pth');
    expect(state.take('shared', [2]).origin).toEqual(state.take('shared', [2]).origin);
    expect(() => state.finish('net')).not.toThrow();
  });

  it.each(['module.', 'model.', 'model.module.'])('passes over the prefix "%s" when all names have it', (prefix) => {
    const names = ['conv.weight', 'conv.num_batches_tracked', 'fc.weight'];
    const state = new StateDict(new Map(names.map((name) => [prefix + name, array(2)])), 'net.pth');
    for (const name of ['conv.weight', 'fc.weight']) {
      expect(state.take(name, [2]).origin).toMatchObject({ name, array: array(2) });
    }
    expect(() => state.finish('net')).not.toThrow();
  });

  it('passes over no prefix that one name lacks', () => {
    const arrays = new Map([
      ['module.fc.weight', array(2)],
      ['fc.bias', array(2)],
    ]);
    const state = new StateDict(arrays, 'net.pth');
    state.take('fc.weight', [2]);
    state.take('fc.bias', [2]);
    expect(
      refusal(() => state.finish('net'))
        .message.split('\n')
        .slice(1),
    ).toEqual(['  1 missing: fc.weight', '  1 unexpected: module.fc.weight']);
  });

  it('takes all names under the prefix of the first, and names the others as the file and the network have them', () => {
    const names = ['module.fc.weight', 'module.module.fc.bias', 'module.extra'];
    const state = new StateDict(new Map(names.map((name) => [name, array(2)])), 'net.pth');
    state.take('absent', [2]);
    state.take('fc.weight', [2]);
    state.take('fc.bias', [2]);
    expect(
      refusal(() => state.finish('net'))
        .message.split('\n')
        .slice(1),
    ).toEqual(['  2 missing: absent, fc.bias', '  2 unexpected: module.module.fc.bias, module.extra']);
  });

  it('refuses weights that are not finite: which, how many, and where the first is', () => {
    const weight = { data: Float32Array.of(1, 2, 3, 4, NaN, -Infinity), shape: [2, 3] };
    const arrays = new Map([
      ['module.fc.weight', weight],
      ['module.fc.bias', { data: Float32Array.of(0, Infinity), shape: [2] }],
      ['module.bn.running_var', { data: Float32Array.of(-Infinity, 1), shape: [2] }],
    ]);
    const state = new StateDict(arrays, 'net.pth');
    state.take('fc.weight', [2, 3]);
    state.take('fc.bias', [2]);
    state.take('bn.running_var', [2]);
    const error = refusal(() => state.finish('net', 2));
    expect(error.code).toBe('OOD_WEIGHTS_INVALID');
    expect(error.message.split('\n')).toEqual([
      'net.pth contains weights that are not finite',
      '  fc.weight: 2 of 6 numbers, the first is NaN at [1, 1]',
      '  fc.bias: 1 of 2 numbers, the first is Infinity at [1]',
      '  bn.running_var: 1 of 2 numbers, the first is -Infinity at [0]',
    ]);
  });

  it('refuses variances below 0, which give NaN for any image, and takes 0', () => {
    const stateOf = (...variance: number[]) => {
      const arrays = new Map([['module.bn.running_var', { data: Float32Array.from(variance), shape: [3] }]]);
      const state = new StateDict(arrays, 'net.pth');
      state.take('bn.running_var', [3]);
      return state;
    };
    const error = refusal(() => stateOf(1, -0.5, -2).finish('net'));
    expect(error).toMatchObject({
      code: 'OOD_WEIGHTS_INVALID',
      message: 'net.pth contains variances below 0\n  bn.running_var: 2 of 3 numbers, the first is -0.5 at [1]',
    });
    expect(() => stateOf(1, 0, -0).finish('net')).not.toThrow();
  });

  it('takes a bias that masks classes by −∞, and no other bias like it', () => {
    const masked = { data: Float32Array.of(0, -Infinity, -Infinity), shape: [3] };
    const state = new StateDict(new Map([['fc.bias', masked]]), 'net.pth');
    state.take('fc.bias', [3]);
    expect(() => state.finish('net', 3)).not.toThrow();
    expect(() => state.finish('net', 1000)).toThrow('fc.bias: 2 of 3 numbers, the first is -Infinity at [1]');
    expect(() => state.finish('net')).toThrow('fc.bias: 2 of 3 numbers');
  });

  it('says first that names or shapes are wrong: then these may be the weights of another network', () => {
    const state = new StateDict(new Map([['a', { data: Float32Array.of(NaN), shape: [] }]]), 'net.pth');
    state.take('a', []);
    state.take('b', []);
    expect(refusal(() => state.finish('net')).message.split('\n')).toEqual([
      'net.pth does not contain the parameters of net',
      '  1 missing: b',
    ]);
  });

  it('takes names that are all alike in their beginning as they are when the network has them so', () => {
    const state = new StateDict(new Map([['fc.weight', array(2)]]), 'net.pth');
    state.take('fc.weight', [2]);
    state.take('weight', [2]);
    expect(refusal(() => state.finish('net')).message).toMatch(/\n {2}1 missing: weight$/);
  });
});
