import type { OnnxModel } from '@farout/onnx';
import type { NDArray } from '@farout/tensor';

/** How far numbers may part, in units of the largest: summing in another order makes 10⁻⁶. */
const usual = 1e-3;

/** The same where the file computes in half precision, which rounds every number to one part in 2,048. */
const ofHalves = 2e-2;

/** How far numbers of a file may part from ours. */
export interface Tolerance {
  /** As a share of the largest. */
  readonly share: number;
  /** Besides, where the file rounds to eight bits: two steps of its output. */
  readonly steps: number;
  /** Besides: two steps of the logits that a softmax or a sigmoid at the end is made of. */
  readonly logitSteps: number;
}

/** How far an output may part from ours, which rounds the logits elsewhere or not at all. */
export function toleranceOf(model: OnnxModel, output: string): Tolerance {
  const { steps, logitSteps } = new Rounding(model).of(output);
  return { share: model.halves ? ofHalves : usual, steps: 2 * steps, logitSteps: 2 * logitSteps };
}

type Steps = Pick<Tolerance, 'steps' | 'logitSteps'>;
const exact: Steps = { steps: 0, logitSteps: 0 };

/** What makes numbers that lie between 0 and 1, or their logarithms, and grows no faster than what it is made of. */
const activations = new Set(['Softmax', 'LogSoftmax', 'Sigmoid']);

/** What changes how numbers lie, or shifts them: they stay as far apart as they were. */
const shifts = new Set([
  'Identity',
  'Cast',
  'Flatten',
  'Reshape',
  'Squeeze',
  'Unsqueeze',
  'Transpose',
  'Slice',
  'Gather',
]);

/** What has several operands, whose roundings add up at most. */
const sums = new Set(['Add', 'Sub', 'Sum', 'Mean', 'Concat', 'Where']);

/** How far numbers of eight bits are apart that an output is made of, behind its last layers: in its own units. */
class Rounding {
  readonly #model: OnnxModel;
  readonly #producers: ReadonlyMap<string, OnnxModel['nodes'][number]>;

  constructor(model: OnnxModel) {
    this.#model = model;
    this.#producers = new Map(model.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  }

  of(name: string): Steps {
    const node = this.#producers.get(name);
    if (!node) return exact;
    const { type, inputs } = node;
    const [first, second] = inputs as [string, string?];
    if (sums.has(type)) return inputs.map((input) => this.of(input)).reduce(added, exact);
    if (type === 'DequantizeLinear') return added({ steps: this.#largest(second), logitSteps: 0 }, this.of(first));
    if (type === 'QuantizeLinear' || shifts.has(type)) return this.of(first);
    if (activations.has(type)) return { steps: 0, logitSteps: this.of(first).steps };
    return scaled(...this.#factor(node));
  }

  /** What a node that scales numbers reads, and by how much at most it does. */
  #factor({ type, inputs, attributes }: OnnxModel['nodes'][number]): [Steps, number] {
    const [first, second] = inputs as [string, string?];
    switch (type) {
      case 'Mul':
        return this.#array(first) ? [this.of(second!), this.#largest(first)] : [this.of(first), this.#largest(second)];
      case 'Div':
        return [this.of(first), largest(this.#array(second), (each) => 1 / each)];
      case 'BatchNormalization':
        return [this.of(first), this.#normalisation(inputs, attributes.epsilon)];
      default:
        return [exact, 0];
    }
  }

  /** γ / √(σ² + ε), the largest */
  #normalisation([, scale, , , variance]: readonly string[], epsilon: unknown): number {
    const { float = 1e-5 } = (epsilon ?? {}) as { readonly float?: number };
    const variances = this.#array(variance)?.data;
    return largest(this.#array(scale), (each, i) => each / Math.sqrt(Number(variances?.[i] ?? Infinity) + float));
  }

  #largest(name: string | undefined): number {
    return largest(this.#array(name), (each) => each);
  }

  #array(name: string | undefined): NDArray | undefined {
    return this.#model.constants.get(name ?? '');
  }
}

const largest = (array: NDArray | undefined, change: (value: number, i: number) => number): number =>
  Array.from(array?.data ?? [], Number)
    .map((value, i) => Math.abs(change(value, i)))
    .reduce((most, each) => Math.max(most, each), 0);

const added = (a: Steps, b: Steps): Steps => ({
  steps: a.steps + b.steps,
  logitSteps: a.logitSteps + b.logitSteps,
});

const scaled = ({ steps, logitSteps }: Steps, factor: number): Steps => ({
  steps: steps === 0 ? 0 : steps * factor,
  logitSteps,
});
