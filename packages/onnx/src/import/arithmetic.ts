import type { Tensor } from '@farout/tensor';
import { apply, arithmetic } from '@farout/tensor/graph';
import type { Importer, NodeUse } from '../nodes.ts';

const unary =
  (use: (x: Tensor) => Tensor): Importer =>
  ({ x }) =>
    use(x);

export const binary =
  (use: (a: Tensor, b: Tensor) => Tensor): Importer =>
  (node) =>
    use(node.x, node.tensor(1));

/** Max, Min, Sum and Mean take any number of operands. */
const folded =
  (use: (a: Tensor, b: Tensor) => Tensor) =>
  ({ inputs }: NodeUse): Tensor =>
    (inputs as readonly Tensor[]).reduce(use);

const sum = folded((a, b) => a.add(b));

/** Element-wise arithmetic. */
export const importers: Readonly<Record<string, Importer>> = {
  Add: binary((a, b) => a.add(b)),
  Sub: binary((a, b) => a.sub(b)),
  Mul: binary((a, b) => a.mul(b)),
  Div: binary((a, b) => a.div(b)),
  Pow: binary((a, b) => a.pow(b.cast(a.dtype))),
  Max: folded((a, b) => a.maximum(b)),
  Min: folded((a, b) => a.minimum(b)),
  Sum: sum,
  Mean: (use) => sum(use).div(use.inputs.length),
  Neg: unary((x) => x.neg()),
  Abs: unary((x) => x.abs()),
  Exp: unary((x) => x.exp()),
  Log: unary((x) => x.log()),
  Sqrt: unary((x) => x.sqrt()),
  Sign: unary((x) => x.sign()),
  Reciprocal: unary((x) => apply(arithmetic.reciprocal, [x], {})),
  Floor: unary((x) => apply(arithmetic.floor, [x], {})),
  Ceil: unary((x) => apply(arithmetic.ceil, [x], {})),
  Round: unary((x) => apply(arithmetic.round, [x], {})),
  Erf: unary((x) => x.erf()),
};
