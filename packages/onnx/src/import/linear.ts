import { type Dimension, type Shape, type Tensor, TensorError } from '@farout/tensor';
import { apply, oneDtype, type Operator, showShape } from '@farout/tensor/graph';
import type { Importer, NodeUse } from '../nodes.ts';
import { asWritten } from './as-written.ts';

/** Products of any number of tensors, summed over the axes that the result lacks. */
export const products: Readonly<Record<string, Importer>> = { Einsum: einsum };

/** The letters of each operand's axes, and of the result's. */
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

/** Only letters: an ellipsis stands for axes that the letters do not name. Without a result they come in the order of the alphabet. */
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

/** No axis twice in an operand, and none that only it has: then its gradient is such a product again. */
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
