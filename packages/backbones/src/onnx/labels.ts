import { FaroutError } from '@farout/core';
import type { OnnxModel, OnnxNode } from '@farout/tensor';

/** What gives the numbers of classes instead of how likely they are. */
const choosers = new Set(['ArgMax', 'ArgMin', 'TopK']);

/** What changes how labels lie, or what they are written as, and leaves them labels. */
const rewriters = new Set(['Identity', 'Cast', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'OneHot']);

/**
 * A network may give the classes' numbers besides their logits, but not instead.
 *
 * @throws FaroutError OOD_ONNX_REFUSED when all that it gives are labels.
 */
export function refuseLabels({ nodes, outputs }: OnnxModel): void {
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const found = outputs.map(({ name }) => [name, chooserOf(name, producers)] as const);
  const [first] = found;
  if (!first || found.some(([, chooser]) => chooser === undefined)) return;
  const [name, chooser] = first;
  throw new FaroutError(
    'OOD_ONNX_REFUSED',
    `its output "${name}" is the number of a class, from ${chooser!.type} "${chooser!.name}"; scores are made of logits`,
    { fix: `Export the classifier without the ${chooser!.type}, so that it gives the logits or their softmax.` },
  );
}

/** The node that chooses the labels that an output is; undefined where it is something else. */
function chooserOf(output: string, producers: ReadonlyMap<string, OnnxNode>): OnnxNode | undefined {
  let node = producers.get(output);
  while (node && rewriters.has(node.type)) node = producers.get(node.inputs[0] ?? '');
  return node && choosers.has(node.type) && node.domain === '' ? node : undefined;
}
