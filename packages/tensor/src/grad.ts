import { scalar } from './nd-array.ts';
import { inputsOf, operatorOf, showOperator } from './operator.ts';
import { showShape, TensorError } from './shape.ts';
import { constant, type Tensor } from './tensor.ts';

/**
 * The gradient of a scalar with respect to a tensor that it depends on, in that tensor's shape: reverse-mode differentiation with the
 * derivatives of the operators. The result is an expression like any other.
 *
 * @throws TensorError when `of` is not a scalar, does not depend on `wrt`, or depends on it through an operator without a derivative.
 */
export function grad(of: Tensor, wrt: Tensor): Tensor {
  if (of.shape.length > 0)
    throw new TensorError(`grad: only a scalar has a gradient, not a tensor ${showShape(of.shape)}`);
  const order = dependents(of, wrt);
  if (!order.has(of)) throw new TensorError('grad: the scalar does not depend on the tensor');
  const gradients = new Map<Tensor, Tensor>([[of, constant(scalar(1, of.dtype))]]);
  for (const tensor of [...order].reverse()) {
    const upstream = gradients.get(tensor);
    if (upstream && tensor !== wrt) passOnOrBlame(tensor, upstream, order, gradients);
  }
  return gradients.get(wrt) ?? wrt.filled(0);
}

/**
 * The tensors that `of` is built from and that depend on `wrt`, operands before results. It uses a stack instead of recursion because
 * networks are deep.
 */
function dependents(of: Tensor, wrt: Tensor): ReadonlySet<Tensor> {
  const found = new Set<Tensor>([wrt]);
  const seen = new Set<Tensor>([wrt]);
  const stack = [of];
  for (let tensor = stack.at(-1); tensor; tensor = stack.at(-1)) {
    const waiting = seen.has(tensor) ? [] : inputsOf(tensor).filter((input) => !seen.has(input));
    if (waiting.length > 0) {
      stack.push(...waiting);
      continue;
    }
    seen.add(tensor);
    if (inputsOf(tensor).some((input) => found.has(input))) found.add(tensor);
    stack.pop();
  }
  return found;
}

/** Nothing after an opaque operator has a derivative, so the error names that operator. */
function passOnOrBlame(...[tensor, upstream, order, gradients]: Parameters<typeof passOn>): void {
  try {
    passOn(tensor, upstream, order, gradients);
  } catch (error) {
    const foreign = [...order].filter((each) => operatorOf(each.origin)?.node !== undefined);
    const unknown = foreign.find(isQuantised) ?? foreign[0];
    throw unknown && error instanceof TensorError ? withoutDerivative(unknown) : error;
  }
}

function withoutDerivative(tensor: Tensor): TensorError {
  const { origin } = tensor;
  const operator = operatorOf(origin)!;
  const shapes =
    origin.kind === 'operation' ? origin.inputs.map((each) => (each.hasShape ? showShape(each.shape) : '?')) : [];
  const use = `${showOperator(operator)} of ${shapes.join(', ')}`;
  if (isQuantised(tensor)) {
    return new TensorError(`grad: no gradient passes through a quantised network: ${use} has no derivative`, {
      code: 'OOD_ONNX_REFUSED',
      fix: 'Use the network from before quantisation, or remove this detector.',
    });
  }
  return new TensorError(`grad: ${use} has no derivative`, {
    code: operator.node === undefined ? 'OOD_DETECTOR_FAILED' : 'OOD_ONNX_REFUSED',
    fix: 'Remove this detector, or avoid that operator.',
  });
}

/** Whether the operator quantises or computes with quantised numbers: its derivative is 0 almost everywhere. */
const isQuantised = ({ origin }: Tensor): boolean => /^Q[A-Z]|Quantize|Integer/.test(operatorOf(origin)?.type ?? '');

/** Adds the gradient of a tensor to the gradients of its operands. */
function passOn(tensor: Tensor, upstream: Tensor, order: ReadonlySet<Tensor>, gradients: Map<Tensor, Tensor>): void {
  const { origin } = tensor;
  if (origin.kind !== 'operation') {
    throw new TensorError(`grad: only the first result of ${showOperator(operatorOf(origin)!)} has a derivative`);
  }
  const { operator, inputs, attributes } = origin;
  const derivatives = operator.gradient?.({ inputs, output: tensor, upstream, attributes: attributes as never });
  if (!derivatives) throw withoutDerivative(tensor);
  for (const [index, input] of inputs.entries()) {
    const gradient = order.has(input) ? derivatives[index]!() : undefined;
    if (!gradient) continue;
    const fitted = unbroadcast(gradient, input);
    gradients.set(input, gradients.get(input)?.add(fitted) ?? fitted);
  }
}

/** Sums over the axes along which an operand was broadcast, so that the gradient has the operand's shape. */
function unbroadcast(gradient: Tensor, { shape }: Tensor): Tensor {
  const added = gradient.shape.length - shape.length;
  const leading = Array.from({ length: added }, (_, axis) => axis);
  const summed = added > 0 ? gradient.sum(leading) : gradient;
  const stretched = shape.flatMap((size, axis) => (size === 1 && summed.shape[axis] !== 1 ? [axis] : []));
  return stretched.length > 0 ? summed.sum(stretched, { keepDims: true }) : summed;
}
