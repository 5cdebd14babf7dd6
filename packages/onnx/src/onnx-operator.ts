import type { Tensor } from '@farout/tensor';
import type { Attributes } from '@farout/tensor/graph';
import { traceGraph } from './trace.ts';

/** Which version of which operator set is meant, and how many results are wanted. */
export interface OnnxOperatorOptions {
  /** Whose operator it is; '' is ONNX's own, and the default. */
  readonly domain?: string;
  /** The version of that operator set, 20 by default. */
  readonly version?: number;
  /** How many results are wanted, 1 by default. */
  readonly results?: number;
}

/**
 * One use of an ONNX operator by its name there, as if it had been read from a file: the way to operators that tensors have
 * no method for. An operator that is not known here runs, has no known shape and no derivative.
 *
 * @throws OnnxError when the operands do not fit.
 */
export function onnxOperator(
  type: string,
  inputs: readonly (Tensor | undefined)[],
  attributes: Attributes = {},
  { domain = '', version = 20, results = 1 }: OnnxOperatorOptions = {},
): readonly Tensor[] {
  const names = inputs.map((input, i) => (input ? `input ${i}` : ''));
  const outputs = Array.from({ length: results }, (_, i) => `output ${i}`);
  const tensors = traceGraph(
    {
      nodes: [{ name: type, type, domain, inputs: names, outputs, attributes }],
      constants: new Map(inputs.flatMap((input, i) => (input ? [[names[i]!, input] as const] : []))),
      values: new Map(),
      versions: new Map([[domain, version]]),
    },
    {},
  );
  return outputs.map((name) => tensors.get(name)!);
}
