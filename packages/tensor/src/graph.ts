/**
 * What expressions are made of, for packages that read and write graphs: operators and their uses, sizes, arrays. It is no
 * contract for plugins: it changes with the operators.
 *
 * @packageDocumentation
 */

export { factors, over, times } from './dimension.ts';
export { dtypeFor, elementType, isHalf } from './element-type.ts';
export { graphInputs, inputsOf } from './graph-inputs.ts';
export { fromBfloat16 } from './half-precision.ts';
export { arrayOf, int64, isFloat, scalar, whole } from './nd-array.ts';
export type { Attributes, AttributeValue, OnnxForm, Operand, Operator, OperatorSet } from './operator.ts';
export * as operators from './operators/index.ts';
export { oneDtype } from './operators/one-dtype.ts';
export type { Sampling } from './operators/resampling.ts';
export { reach, windowCounts, type Pair, type Sides, type Window } from './operators/window.ts';
export type { Origin } from './origin.ts';
export {
  broadcast,
  canBeFilled,
  elementCount,
  known,
  normaliseAxes,
  normaliseAxis,
  reduceShape,
  showShape,
} from './shape.ts';
export { apply } from './tensor.ts';
