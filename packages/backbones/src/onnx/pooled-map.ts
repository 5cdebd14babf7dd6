import type { Tensor } from '@farout/tensor';

/**
 * The name of the map (N, C, H, W) that is pooled to features, searched from the features towards the image, past reshapes and the pooling
 * itself. Undefined if there is none, as in token-based networks, or if it is not one of the named tensors.
 */
export function pooledMap(named: ReadonlyMap<string, Tensor>, features: Tensor): string | undefined {
  const names = new Map([...named].map(([name, tensor]) => [tensor, name]));
  let map: Tensor | undefined;
  for (let tensor: Tensor | undefined = features; tensor; tensor = madeOf(tensor)) if (isMap(tensor)) map = tensor;
  return map && names.get(map);
}

const isMap = (tensor: Tensor) => tensor.hasShape && tensor.shape.length === 4;

/** The input of a pooling over all positions, or of an operator that only rearranges numbers; a layer ends the search. */
function madeOf(tensor: Tensor): Tensor | undefined {
  const { origin } = tensor;
  if (origin.kind !== 'operation') return undefined;
  const { type } = origin.operator;
  const passes = reorders.has(type) || (pools.has(type) && !(isMap(tensor) && hasPlaces(tensor)));
  return passes ? origin.inputs[0] : undefined;
}

/** A pooling that leaves several positions has not pooled all of them. */
const hasPlaces = ({ shape }: Tensor) => shape.slice(2).some((size) => size !== 1);

const pools = new Set(['GlobalAveragePool', 'AveragePool', 'GlobalMaxPool', 'MaxPool', 'ReduceMean', 'ReduceMax']);
const reorders = new Set(['Flatten', 'Reshape', 'Squeeze', 'Unsqueeze', 'Transpose', 'Identity', 'Cast']);
