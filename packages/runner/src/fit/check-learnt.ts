import { types } from 'node:util';
import { FaroutError, type Learnt } from '@farout/core';

/**
 * What a part learnt, which plain JavaScript may have made: it must outlive the run as numbers in a shape.
 *
 * @throws FaroutError OOD_DETECTOR_FAILED naming the part and the array.
 */
export function checkLearnt(part: string, learnt: unknown): Learnt {
  if (typeof learnt !== 'object' || learnt === null) throw fault(part, 'no record of arrays');
  for (const [name, array] of Object.entries(learnt)) {
    const { data, shape } = (array ?? {}) as { data?: unknown; shape?: unknown };
    if (!isTypedArray(data) || !isShape(shape)) throw fault(part, `"${name}", which is no typed array with its shape`);
    if (data.length === shape.reduce((product, size) => product * size, 1)) continue;
    throw fault(part, `"${name}", whose ${data.length} elements do not fill the shape (${shape.join(', ')})`);
  }
  return learnt as Learnt;
}

const isTypedArray = (data: unknown): data is { readonly length: number } =>
  types.isFloat32Array(data) ||
  types.isFloat64Array(data) ||
  types.isInt32Array(data) ||
  types.isBigInt64Array(data) ||
  types.isUint8Array(data);

const isShape = (shape: unknown): shape is number[] =>
  Array.isArray(shape) && shape.every((size) => Number.isInteger(size) && size >= 0);

const fault = (part: string, what: string) =>
  new FaroutError('OOD_DETECTOR_FAILED', `"${part}" learnt ${what}`, {
    fix: 'Let learn return { name: { data, shape } }, data in float32, float64, int32, int64 or uint8.',
  });
