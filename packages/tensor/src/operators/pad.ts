import { int64, scalar, type DType } from '../nd-array.ts';
import type { Operator } from '../operator.ts';
import { known, showShape, type Dimension } from '../shape.ts';
import { TensorError } from '../tensor-error.ts';

/** How many elements are put before every axis, then behind every axis; negative ones are cut off. */
export interface Padding {
  readonly pads: readonly number[];
  readonly value: number;
  readonly dtype: DType;
}

/** x with a constant around it. */
export const pad: Operator<Padding> = {
  type: 'Pad',
  infer: ([x], { pads }) => {
    const rank = x!.shape.length;
    const shape = x!.shape.map((size, axis): Dimension => {
      const added = pads[axis]! + pads[axis + rank]!;
      return pads[axis] === 0 && added === 0 ? size : known('Pad', size, 'a padded size') + added;
    });
    if (shape.every((size) => typeof size !== 'number' || size >= 0)) return { shape, dtype: x!.dtype };
    throw new TensorError(`Pad: [${pads.join(', ')}] leaves nothing of ${showShape(x!.shape)}`);
  },
  onnx: ({ pads, value, dtype }) => ({ attributes: {}, inputs: [int64(pads), scalar(value, dtype)] }),
  gradient: ({ upstream: g, attributes: { pads } }) => [
    () =>
      g.shape.reduce((inner, _, axis) => {
        const [before, behind] = [pads[axis]!, pads[axis + g.shape.length]!];
        return before === 0 && behind === 0 ? inner : inner.pad(axis, -before, -behind);
      }, g),
  ],
};
