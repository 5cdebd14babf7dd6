import type { Tensor } from '@farout/tensor';
import { activation, apply } from '@farout/tensor/graph';
import { axisOf, type Importer, type NodeUse } from '../nodes.ts';

/** Activation functions and softmax-like normalisations. */
export const importers: Readonly<Record<string, Importer>> = {
  Relu: ({ x }) => x.relu(),
  Sigmoid: ({ x }) => x.sigmoid(),
  Tanh: ({ x }) => x.tanh(),
  HardSwish: ({ x }) => apply(activation.hardSwish, [x], {}),
  HardSigmoid: (use) =>
    apply(activation.hardSigmoid, [use.x], { alpha: use.float('alpha', 0.2), beta: use.float('beta', 0.5) }),
  LeakyRelu: (use) => apply(activation.leakyRelu, [use.x], { alpha: use.float('alpha', 0.01) }),
  PRelu: (use) => apply(activation.pRelu, [use.x, use.tensor(1)], {}),
  Elu: (use) => apply(activation.elu, [use.x], { alpha: use.float('alpha', 1) }),
  Celu: (use) => apply(activation.celu, [use.x], { alpha: use.float('alpha', 1) }),
  Selu: (use) =>
    apply(activation.selu, [use.x], {
      alpha: use.float('alpha', 1.6732632),
      gamma: use.float('gamma', 1.050701),
    }),
  Softplus: ({ x }) => softplus(x),
  Softsign: ({ x }) => apply(activation.softsign, [x], {}),
  Mish: ({ x }) => x.mul(softplus(x).tanh()),
  Gelu: (use) =>
    apply(activation.gelu, [use.x], { approximate: use.text('approximate', 'none') === 'tanh' ? 'tanh' : 'none' }),
  Clip: clip,
  Softmax: (use) => overAxis(use, (x, axis) => apply(activation.softmax, [x], { axis })),
  LogSoftmax: (use) => overAxis(use, (x, axis) => apply(activation.logSoftmax, [x], { axis })),
};

const softplus = (x: Tensor) => apply(activation.softplus, [x], {});

/** The bounds are attributes in older operator sets; a missing bound means no bound. */
function clip(use: NodeUse): Tensor {
  const { x } = use;
  const [low, high] = [use.numbers(1) ?? [use.float('min', -Infinity)], use.numbers(2) ?? [use.float('max', Infinity)]];
  const computed = [1, 2].some((position) => use.inputs[position] && !use.known(position));
  if (!computed) return x.clip(low[0]!, high[0]!);
  const above = use.inputs[1] ? x.maximum(use.tensor(1)) : x;
  return use.inputs[2] ? above.minimum(use.tensor(2)) : above;
}

/** Before operator set 13, all axes from the given one on (default: the second) are flattened into one. */
function overAxis(use: NodeUse, along: (x: Tensor, axis: number) => Tensor): Tensor | undefined {
  const { x, version } = use;
  const axis = axisOf(use, version < 13 ? 1 : -1);
  const last = x.shape.length - 1;
  if (version >= 13 || axis === last) return along(x, axis);
  const together = x.shape.slice(axis);
  if (together.some((size) => typeof size !== 'number')) return undefined;
  const width = (together as number[]).reduce((product, size) => product * size, 1);
  return along(x.reshape([...x.shape.slice(0, axis), width]), axis).reshape(x.shape);
}
