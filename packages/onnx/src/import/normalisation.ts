import { constant, type Tensor } from '@farout/tensor';
import { apply, elementCount, known, normalisation } from '@farout/tensor/graph';
import { axisOf, type Importer, type NodeUse } from '../nodes.ts';

export const importers: Readonly<Record<string, Importer>> = {
  BatchNormalization: (use) =>
    use.int('training_mode', 0) === 1
      ? undefined
      : apply(normalisation.batchNormalization, use.inputs as readonly Tensor[], {
          epsilon: use.float('epsilon', 1e-5),
        }),
  LayerNormalization: (use) => {
    const settings = { axis: axisOf(use, -1), epsilon: use.float('epsilon', 1e-5) };
    const operands = use.inputs.filter((input) => input !== undefined);
    return use.results > 1 ? undefined : apply(normalisation.layerNormalization, operands, settings);
  },
  InstanceNormalization: (use) => instanceNorm(use.x, use.tensor(1), use.tensor(2), use.float('epsilon', 1e-5)),
  GroupNormalization: groupNorm,
  LRN: (use) =>
    apply(normalisation.lrn, [use.x], {
      alpha: use.float('alpha', 1e-4),
      beta: use.float('beta', 0.75),
      bias: use.float('bias', 1),
      size: use.int('size', 1),
    }),
};

const instanceNorm = (x: Tensor, scale: Tensor, bias: Tensor, epsilon: number) =>
  apply(normalisation.instanceNormalization, [x, scale, bias], { epsilon });

/** Treats each group of channels as one channel of an instance normalisation; scale and bias are per channel since operator set 21. */
function groupNorm(use: NodeUse): Tensor {
  const { x } = use;
  const groups = use.int('num_groups', 1);
  const [batch, channels, ...spatial] = x.shape;
  const inner = known('GroupNormalization', elementCount([channels!, ...spatial]), 'the size of an image') / groups;
  const vector = (value: number) => constant({ data: new Float32Array(groups).fill(value), shape: [groups] });
  const grouped = instanceNorm(x.reshape([batch!, groups, inner]), vector(1), vector(0), use.float('epsilon', 1e-5));
  const [scale, bias] = [use.tensor(1), use.tensor(2)].map((each) =>
    perChannel(each, Number(channels), spatial.length),
  );
  return grouped.reshape(x.shape).mul(scale!).add(bias!);
}

/** Expands numbers per channel or per group to align with the channels. */
function perChannel(vector: Tensor, channels: number, spatial: number): Tensor {
  const count = known('GroupNormalization', vector.shape[0], 'the number of scales');
  const column = vector.unsqueeze([1]);
  const repeated = column.mul(
    constant({ data: new Float32Array(channels / count).fill(1), shape: [1, channels / count] }),
  );
  return repeated.reshape([channels, ...Array.from({ length: spatial }, () => 1)]);
}
