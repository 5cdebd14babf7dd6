import type { Dimension } from '@farout/tensor';
import { asWritten } from '../by-name.ts';
import { axisOf, fromFront, type Importer, type NodeUse } from '../nodes.ts';

/** Operators that search for elements or scatter them; passed through by name, with known shapes and dtypes. */
export const importers: Readonly<Record<string, Importer>> = {
  ArgMin: (use) => asWritten(use, [['int64', withoutAxis(use)]], 'flat'),
  TopK: (use) => {
    const axis = axisOf(use, -1);
    const [count] = use.version < 10 ? [use.int('k', 1)] : (use.numbers(1) ?? []);
    const shape = count === undefined ? undefined : replaced(use.x.shape, axis, count);
    return asWritten(use, [
      [use.x.dtype, shape],
      ['int64', shape],
    ]);
  },
  OneHot: (use) => {
    const [depth] = use.numbers(1) ?? [];
    const [axis] = fromFront([use.int('axis', -1)], use.x.shape.length + 1);
    const { shape } = use.x;
    const result = depth === undefined ? undefined : [...shape.slice(0, axis), depth, ...shape.slice(axis)];
    return asWritten(use, [[use.tensor(2).dtype, result]], 'flat');
  },
  NonZero: (use) => asWritten(use, [['int64', undefined]], 'flat'),
  Unique: (use) =>
    asWritten(use, [[use.x.dtype, undefined], ...Array.from({ length: 3 }, () => ['int64', undefined] as const)]),
  NonMaxSuppression: (use) => asWritten(use, [['int64', undefined]]),
  Range: (use) => {
    const [start, limit, delta] = [0, 1, 2].map((position) => use.numbers(position)?.[0]);
    const known = start !== undefined && limit !== undefined && delta !== undefined;
    return asWritten(use, [[use.x.dtype, known ? [Math.max(Math.ceil((limit - start) / delta), 0)] : undefined]]);
  },
  GatherElements: (use) => asWritten(use, [[use.x.dtype, use.tensor(1).shape]]),
  GatherND: (use) => {
    const indices = use.tensor(1).shape;
    const [last, shared] = [indices.at(-1), use.int('batch_dims', 0)];
    const taken = typeof last === 'number' ? use.x.shape.slice(shared + last) : undefined;
    return asWritten(use, [[use.x.dtype, taken && [...indices.slice(0, -1), ...taken]]]);
  },
  Compress: (use) => asWritten(use, [[use.x.dtype, undefined]]),
  ReduceProd: (use) => {
    const said = use.intsOrInput('axes', 1);
    if (use.inputs[1] && !said) return undefined;
    const rank = use.x.shape.length;
    const none = said === undefined || said.length === 0;
    if (none && use.int('noop_with_empty_axes', 0) === 1) return use.x;
    const axes = none ? use.x.shape.map((_, axis) => axis) : fromFront(said, rank);
    const keep = use.int('keepdims', 1) === 1;
    const shape = use.x.shape.flatMap((size, axis) => (axes.includes(axis) ? (keep ? [1] : []) : [size]));
    return asWritten(use, [[use.x.dtype, shape]]);
  },
};

function withoutAxis(use: NodeUse): readonly Dimension[] {
  const axis = axisOf(use, 0);
  const { shape } = use.x;
  return use.int('keepdims', 1) === 1 ? replaced(shape, axis, 1) : shape.filter((_, each) => each !== axis);
}

const replaced = (shape: readonly Dimension[], axis: number, size: number) =>
  shape.map((each, at) => (at === axis ? size : each));
