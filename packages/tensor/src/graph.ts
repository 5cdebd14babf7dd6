/**
 * The building blocks of expressions, for packages that read and write graphs: operators by family, their uses, sizes and arrays. Plugins
 * must not rely on it: it changes with the operators.
 *
 * @packageDocumentation
 */

export * as activation from './operators/activation.ts';
export * as arithmetic from './operators/arithmetic.ts';
export * as convolution from './operators/convolution.ts';
export * as layout from './operators/layout.ts';
export * as linear from './operators/linear.ts';
export * as normalisation from './operators/normalisation.ts';
export * as pooling from './operators/pooling.ts';
export * as resampling from './operators/resampling.ts';
export type { Sampling } from './operators/resampling.ts';
export * as selection from './operators/selection.ts';
export { reach, spatialOf, windowCounts, type Pair, type Sides, type Window } from './operators/window.ts';
export {
  inputsOf,
  oneDtype,
  type OnnxForm,
  type OnnxUse,
  type Operand,
  type Operator,
  type OperatorSet,
  type Origin,
} from './operator.ts';
export { arrayOf, elementType, fromBfloat16, int64, isFloat, scalar } from './nd-array.ts';
export {
  broadcast,
  canBeFilled,
  elementCount,
  factors,
  known,
  normaliseAxes,
  normaliseAxis,
  over,
  reduceShape,
  showShape,
  times,
} from './shape.ts';
export { apply } from './tensor.ts';
