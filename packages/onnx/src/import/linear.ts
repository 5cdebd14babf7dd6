import { TensorError, type Dimension, type Shape, type Tensor } from '@farout/tensor';
import { apply, oneDtype, showShape, type Operator } from '@farout/tensor/graph';
import { asWritten } from '../by-name.ts';
import type { Importer, NodeUse } from '../nodes.ts';

/** Matrix products, and products of several tensors summed over the axes missing from the result. */
export const importers: Readonly<Record<string, Importer>> = { MatMul: matmul, Gemm: gemm, Einsum: einsum };

/** A vector is a row on the left and a column on the right. */
function matmul(use: NodeUse): Tensor {
  const [a, b] = [use.x, use.tensor(1)];
  const [row, column] = [a.shape.length === 1, b.shape.length === 1];
  const product = (row ? a.unsqueeze([0]) : a).matmul(column ? b.unsqueeze([1]) : b);
  const kept = product.shape.filter((_, axis) => {
    const fromEnd = product.shape.length - axis;
    return !(row && fromEnd === 2) && !(column && fromEnd === 1);
  });
  return row || column ? product.reshape(kept) : product;
}

/** alpha · A · B + beta · C, with A or B optionally transposed; a linear layer of PyTorch if it has that form. */
function gemm(use: NodeUse): Tensor {
  const [a, b, c] = [use.x, use.tensor(1), use.inputs[2]];
  const [alpha, beta] = [use.float('alpha', 1), use.float('beta', 1)];
  const [turnA, turnB] = [use.int('transA', 0) === 1, use.int('transB', 0) === 1];
  if (alpha === 1 && beta === 1 && !turnA && turnB && c?.shape.length === 1 && c.shape[0] === b.shape[0]) {
    return a.linear(b, c);
  }
  const product = (turnA ? a.transpose(1, 0) : a).matmul(turnB ? b.transpose(1, 0) : b);
  const scaled = alpha === 1 ? product : product.mul(alpha);
  return c ? scaled.add(beta === 1 ? c : c.mul(beta)) : scaled;
}

/** The letters for the axes of each operand and of the result. */
interface Equation {
  readonly operands: readonly string[];
  readonly result: string;
}

function einsum(use: NodeUse): Tensor | readonly Tensor[] {
  const operands = use.inputs as readonly Tensor[];
  const equation = read(use.text('equation', ''));
  if (!equation) return asWritten(use, [[use.x.dtype, undefined]]);
  return apply(einsumOf(equation), operands, { equation: written(equation) });
}

/** Supports only letters: an ellipsis would stand for unnamed axes. Without an explicit result, its letters are in alphabetical order. */
function read(text: string): Equation | undefined {
  const [left, right] = text.replaceAll(' ', '').split('->') as [string, string?];
  if (left.includes('.') || right?.includes('.')) return undefined;
  const once = [...new Set(left.replaceAll(',', ''))].filter((letter) => left.split(letter).length === 2).sort();
  return { operands: left.split(','), result: right ?? once.join('') };
}

const written = ({ operands, result }: Equation) => `${operands.join()}->${result}`;

const einsumOf = (equation: Equation): Operator<{ equation: string }> => ({
  type: 'Einsum',
  infer: (operands) => {
    const sizes = new Map<string, Dimension>();
    operands.forEach(({ shape }, i) => note(sizes, equation.operands[i] ?? '', shape));
    const shape = Array.from(equation.result, (letter) => sizes.get(letter));
    if (shape.includes(undefined)) throw new TensorError(`Einsum: ${written(equation)} has an axis from nowhere`);
    return { shape: shape as Shape, dtype: oneDtype('Einsum', operands) };
  },
  ...(isPlain(equation) && {
    gradient: ({ inputs, upstream: g }) => inputs.map((_, i) => () => byOperand(equation, inputs, g, i)),
  }),
});

function note(sizes: Map<string, Dimension>, letters: string, shape: Shape): void {
  const fits = letters.length === shape.length;
  for (const [axis, letter] of Array.from(letters).entries()) {
    const known = sizes.get(letter);
    if (!fits || (known !== undefined && known !== 1 && shape[axis] !== 1 && known !== shape[axis])) {
      throw new TensorError(`Einsum: the axes "${letters}" do not fit ${showShape(shape)}`);
    }
    if (known === undefined || known === 1) sizes.set(letter, shape[axis]!);
  }
}

/** Whether no operand has an axis twice, or an axis that only it has: then the gradient is such a product again. */
function isPlain({ operands, result }: Equation): boolean {
  return operands.every((own, i) => {
    const others = [...operands.filter((_, each) => each !== i), result].join('');
    return new Set(own).size === own.length && Array.from(own).every((letter) => others.includes(letter));
  });
}

function byOperand({ operands, result }: Equation, inputs: readonly Tensor[], g: Tensor, i: number): Tensor {
  const turned = { operands: operands.map((own, each) => (each === i ? result : own)), result: operands[i]! };
  const factors = inputs.map((input, each) => (each === i ? g : input));
  return apply(einsumOf(turned), factors, { equation: written(turned) });
}
