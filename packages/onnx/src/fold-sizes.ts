import type { Dimension, DType } from '@farout/tensor';
import { elementCount, isFloat, over, times } from '@farout/tensor/graph';
import { dtypeFor } from './encoding.ts';
import { numbersOf, type Known, type NodeUse } from './nodes.ts';

/** The result of a node on known numbers; undefined if they do not determine it. */
type Fold = (use: NodeUse, known: readonly Known[]) => Known | readonly Known[] | undefined;

/**
 * The results of a node that computes shapes, as written by exporters: from the sizes of a tensor, or from known numbers. Undefined for all other
 * nodes.
 */
export function foldSizes(use: NodeUse): readonly Known[] | undefined {
  const { type } = use.node;
  if (type === 'Shape') return [shapeOf(use)];
  if (type === 'Size') return [{ values: [elementCount(use.x.shape)], scalar: true, dtype: 'int64' }];
  const fold = Object.hasOwn(folds, type) ? folds[type] : undefined;
  const known = use.inputs.map((_, position) => use.known(position));
  if (!fold || known.includes(undefined)) return undefined;
  if (known.some((each) => each!.columns !== undefined) && !ofRows.has(type)) return undefined;
  return [fold(use, known as Known[])].flat().filter((result) => result !== undefined);
}

function shapeOf(use: NodeUse): Known {
  const { shape } = use.x;
  const values = shape.slice(use.int('start', 0), use.int('end', shape.length));
  return { values, scalar: false, dtype: 'int64' };
}

/** The only operators that keep known numbers of two axes. */
const ofRows = new Set(['Reshape', 'Slice', 'Transpose']);

type Value = Dimension | undefined;

/** Element by element; a single number is combined with all others. */
const elementwise =
  (compute: (a: Dimension, b: Dimension, dtype: DType) => Value, dtype?: DType): Fold =>
  (_, [a, b]) =>
    combine([a!, b!], dtype ?? a!.dtype, ([left, right]) => compute(left!, right!, a!.dtype));

const unary =
  (compute: (a: number) => number): Fold =>
  (_, [a]) =>
    combine([a!], a!.dtype, ([value]) => (typeof value === 'number' ? compute(value) : undefined));

function combine(
  operands: readonly Known[],
  dtype: DType,
  compute: (values: readonly Dimension[]) => Value,
): Known | undefined {
  const length = Math.max(...operands.map(({ values }) => values.length));
  const empty = operands.some(({ values }) => values.length === 0);
  const values = Array.from({ length: empty ? 0 : length }, (_, i) =>
    compute(operands.map((operand) => operand.values[operand.values.length === 1 ? 0 : i]!)),
  );
  return rounded({ values, scalar: operands.every(({ scalar }) => scalar), dtype });
}

/** Known only if all values are known; rounded to the dtype. */
function rounded({ values, scalar, dtype }: { values: readonly Value[]; scalar: boolean; dtype: DType }) {
  if (values.includes(undefined)) return undefined;
  const all = values as readonly Dimension[];
  const single = (value: Dimension) => (typeof value === 'number' && dtype === 'float32' ? Math.fround(value) : value);
  return { values: all.map(single), scalar, dtype };
}

/** For numbers alone. */
const numeric =
  (compute: (a: number, b: number, dtype: DType) => number) =>
  (a: Dimension, b: Dimension, dtype: DType): Value =>
    typeof a === 'number' && typeof b === 'number' ? compute(a, b, dtype) : undefined;

/** A named size is greater than 0, which decides some comparisons. */
const compare = (holds: (a: number, b: number) => boolean) =>
  elementwise((a, b) => {
    if (typeof a === 'number' && typeof b === 'number') return Number(holds(a, b));
    if (a === b) return Number(holds(1, 1));
    if (typeof b === 'number' && b < 0) return Number(holds(1, b));
    return typeof a === 'number' && a < 0 ? Number(holds(a, 1)) : undefined;
  }, 'bool');

const divide = numeric((a, b, dtype) => (isFloat(dtype) ? a / b : Math.trunc(a / b)));

const reduction =
  (compute: (values: readonly Dimension[]) => Value): Fold =>
  (use, [a]) =>
    rounded({ values: [compute(a!.values)], scalar: use.int('keepdims', 1) === 0, dtype: a!.dtype });

const folds: Readonly<Record<string, Fold>> = {
  Add: elementwise((a, b) => (a === 0 ? b : b === 0 ? a : numeric((x, y) => x + y)(a, b, 'int64'))),
  Sub: elementwise((a, b) => (a === b ? 0 : b === 0 ? a : numeric((x, y) => x - y)(a, b, 'int64'))),
  Mul: elementwise((a, b) => (typeof a === 'number' && typeof b === 'number' ? a * b : times(a, b))),
  Div: elementwise((a, b, dtype) => divide(a, b, dtype) ?? over(a, b)),
  Mod: elementwise(numeric((a, b) => a - Math.floor(a / b) * b)),
  Pow: elementwise(numeric((a, b) => a ** b)),
  Max: elementwise(numeric((a, b) => Math.max(a, b))),
  Min: elementwise(numeric((a, b) => Math.min(a, b))),
  Equal: compare((a, b) => a === b),
  Greater: compare((a, b) => a > b),
  GreaterOrEqual: compare((a, b) => a >= b),
  Less: compare((a, b) => a < b),
  LessOrEqual: compare((a, b) => a <= b),
  And: elementwise(numeric((a, b) => a * b)),
  Or: elementwise(numeric((a, b) => Math.max(a, b))),
  Not: unary((a) => 1 - a),
  Neg: unary((a) => -a),
  Abs: unary(Math.abs),
  Floor: unary(Math.floor),
  Ceil: unary(Math.ceil),
  Sqrt: unary(Math.sqrt),
  Identity: (_, [a]) => a,
  Where: (_, [condition, a, b]) => combine([condition!, a!, b!], a!.dtype, ([holds, x, y]) => (holds === 1 ? x : y)),
  Cast: (use, [a]) => {
    const dtype = dtypeFor(use.int('to', 0));
    return dtype && { ...combine([a!], dtype, ([value]) => castTo(dtype, value!))!, scalar: a!.scalar };
  },
  Gather: (_, [a, indices]) => {
    const places = numbersOf(indices)?.map((at) => a!.values[at < 0 ? at + a!.values.length : at]);
    return places && rounded({ values: places, scalar: indices!.scalar, dtype: a!.dtype });
  },
  Concat: (_, all) => ({ values: all.flatMap(({ values }) => values), scalar: false, dtype: all[0]!.dtype }),
  Slice: slice,
  Split: (use, [a]) => {
    const sizes = use.intsOrInput('split', 1) ?? a!.values.map(() => a!.values.length / use.results);
    let end = 0;
    return sizes.slice(0, use.results).map((size) => ({ ...a!, values: a!.values.slice(end, (end += size)) }));
  },
  Unsqueeze: (use, [a]) =>
    a!.scalar && (use.intsOrInput('axes', 1)?.length ?? 1) === 1 ? { ...a!, scalar: false } : undefined,
  Squeeze: (_, [a]) => (a!.values.length === 1 ? { ...a!, scalar: true } : undefined),
  Transpose: (use, [a]) => (a!.columns === undefined || use.ints('perm')?.[0] === 0 ? a : turned(a!)),
  Reshape: (use, [a]) => {
    const shape = use.ints('shape') ?? use.numbers(1);
    const { values, dtype } = a!;
    if (shape?.length === 2 && shape[1]! > 0) return { values, scalar: false, columns: shape[1]!, dtype };
    return shape && shape.length <= 1 ? { values, scalar: shape.length === 0, dtype } : undefined;
  },
  Range: (_, known) => {
    const [start, limit, delta] = known.map((each) => numbersOf(each)?.[0]);
    if (start === undefined || limit === undefined || delta === undefined) return undefined;
    const length = Math.min(Math.max(Math.ceil((limit - start) / delta), 0), longest + 1);
    const values = Array.from({ length }, (__, i) => start + i * delta);
    return length > longest ? undefined : rounded({ values, scalar: false, dtype: known[0]!.dtype });
  },
  ConstantOfShape: constantOfShape,
  ReduceProd: reduction((values) => values.reduce(times, 1)),
  ReduceSum: reduction((values) =>
    values.reduce<Value>((sum, value) => (sum === undefined ? sum : numeric((a, b) => a + b)(sum, value, 'int64')), 0),
  ),
};

/** Longer ranges are not shapes. */
const longest = 1024;

function castTo(dtype: DType, value: Dimension): Value {
  if (typeof value === 'string') return dtype === 'bool' || dtype === 'uint8' ? undefined : value;
  if (dtype === 'bool') return Number(value !== 0);
  return isFloat(dtype) ? value : Math.trunc(value);
}

function slice(use: NodeUse, [a]: readonly Known[]): Known | undefined {
  const [[start], [end], [step]] = [
    use.intsOrInput('starts', 1) ?? [],
    use.intsOrInput('ends', 2) ?? [],
    use.inputs[4] ? (use.numbers(4) ?? []) : [1],
  ];
  const [axis] = use.intsOrInput('axes', 3) ?? [0];
  const { columns = 1, values } = a!;
  if (start === undefined || end === undefined || step === undefined || axis !== 0) return undefined;
  const { first, count } = rangeOf(values.length / columns, start, end, step);
  const rows = Array.from({ length: count }, (_, i) => values.slice((first + i * step) * columns).slice(0, columns));
  return { ...a!, values: rows.flat() };
}

function turned({ values, columns, ...known }: Known): Known {
  const rows = values.length / columns!;
  return {
    ...known,
    columns: rows,
    values: values.map((_, i) => values[(i % rows) * columns! + Math.floor(i / rows)]!),
  };
}

function constantOfShape(use: NodeUse, [shape]: readonly Known[]): Known | undefined {
  const { value } = use.node.attributes;
  const filled = typeof value === 'object' && 'tensor' in value ? value : undefined;
  const [length] = numbersOf(shape) ?? [];
  const scalar = shape!.values.length === 0;
  if (!scalar && (shape!.values.length > 1 || length === undefined || length > longest)) return undefined;
  const element = filled ? Number(filled.tensor.data[0]) : 0;
  return {
    values: Array.from({ length: scalar ? 1 : length! }, () => element),
    scalar,
    dtype: filled?.dtype ?? 'float32',
  };
}

/** The first element and the count of a range, along its step; out-of-range ends follow Python's rules. */
export function rangeOf(size: number, start: number, end: number, step: number): { first: number; count: number } {
  const clamp = (at: number, low: number, high: number) => Math.min(Math.max(at < 0 ? at + size : at, low), high);
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const [first, last] = [clamp(start, low, high), clamp(end, low, high)];
  return { first, count: Math.max(Math.ceil((last - first) / step), 0) };
}
