import { showShape } from './shape.ts';
import { TensorError } from './tensor-error.ts';
import type { Tensor } from './tensor.ts';

/** The tensors that an expression is directly made of. */
export function inputsOf({ origin }: Tensor): readonly Tensor[] {
  if (origin.kind === 'result') return [origin.of];
  return origin.kind === 'operation' ? origin.inputs : [];
}

/**
 * The graph inputs behind `outputs`, by name, in the order in which they are met.
 *
 * @throws TensorError when one name stands for two different inputs, or for an input and an output.
 */
export function graphInputs(outputs: Readonly<Record<string, Tensor>>): ReadonlyMap<string, Tensor> {
  const inputs = new Map<string, Tensor>();
  const reached = new Set(Object.values(outputs));
  for (const tensor of reached) {
    if (tensor.origin.kind === 'input') addInput(inputs, tensor.origin.name, tensor);
    for (const operand of inputsOf(tensor)) reached.add(operand);
  }
  for (const name of Object.keys(outputs)) {
    if (inputs.has(name)) throw new TensorError(`"${name}" is the name of an input and of an output`);
  }
  return inputs;
}

function addInput(inputs: Map<string, Tensor>, name: string, tensor: Tensor): void {
  const [first, second] = [inputs.get(name) ?? tensor, tensor].map(
    ({ dtype, shape }) => `${dtype} ${showShape(shape)}`,
  );
  if (first !== second) throw new TensorError(`input "${name}" is both ${first!} and ${second!}`);
  inputs.set(name, tensor);
}
