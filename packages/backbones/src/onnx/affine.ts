import type { Dimension, NDArray, Shape } from '@farout/tensor';

/** What a tensor's axis counts: the images, the positions in an image, or distinct numbers, such as classes. */
export type Axis =
  | { readonly kind: 'images'; readonly size: Dimension }
  | { readonly kind: 'places' | 'numbers'; readonly size: number };

/** A number as a weighted sum over the units of linear layers, plus a constant. */
export interface Row {
  readonly terms: ReadonlyMap<number, number>;
  readonly constant: number;
}

/** A tensor that is affine in the outputs of linear layers: one row per number, the same at every position of every image. */
export interface Affine {
  readonly axes: readonly Axis[];
  /** In the order of the number axes. */
  readonly rows: readonly Row[];
}

/** Why a tensor is not affine, and the node responsible. */
export class Obstacle extends Error {
  override readonly name = 'Obstacle';
  readonly node: string | undefined;

  constructor(what: string, node?: string) {
    super(what);
    this.node = node;
  }
}

/** More numbers per image, and more terms in total, than any classifier has. */
const most = { rows: 2 ** 20, terms: 2 ** 23 };

const mixesImages = 'it mixes the images of a batch';

const one: Axis = { kind: 'numbers', size: 1 };
const numbers = (size: number): Axis => ({ kind: 'numbers', size });
const none: Row['terms'] = new Map();

/** A constant: rows without terms. */
export function constantRows({ data, shape }: NDArray): Affine {
  return {
    axes: shape.map(numbers),
    rows: rowsOf(shape.map(numbers), (_, i) => ({ terms: none, constant: Number(data[i]) })),
  };
}

export const isConstant = ({ rows }: Affine): boolean => rows.every(({ terms }) => terms.size === 0);

/** The individual units of a layer; `first` is the index of the first. */
export function unitRows(axes: readonly Axis[], first: number): Affine {
  return { axes, rows: rowsOf(axes, (_, i) => ({ terms: new Map([[first + i, 1]]), constant: 0 })) };
}

/** The number of positions in an image that the axes distinguish. */
export const placesOf = ({ axes }: Pick<Affine, 'axes'>): number =>
  axes.reduce((count, { kind, size }) => (kind === 'places' ? count * size : count), 1);

/** a + factor · b */
export const added = (a: Affine, b: Affine, factor: 1 | -1): Affine =>
  together([a, b], ([left, right]) =>
    combined([
      [left, 1],
      [right, factor],
    ]),
  );

/** a · b or a / b, element by element, where b is a constant. */
export const scaled = (a: Affine, b: Affine, how: 'times' | 'over'): Affine =>
  together([a, b], ([row, { constant }]) => {
    const change = (value: number) => (how === 'times' ? value * constant : value / constant);
    return { terms: changed(row.terms, change), constant: change(row.constant) };
  });

/** A function of every number of a constant. */
export const mapped = ({ axes, rows }: Affine, compute: (x: number) => number): Affine => ({
  axes,
  rows: rows.map(({ terms, constant }) => ({ terms, constant: compute(constant) })),
});

/** a where the constant condition is true, b elsewhere. */
export const chosen = (condition: Affine, a: Affine, b: Affine): Affine =>
  together([condition, a, b], ([holds, left, right]) => (holds.constant === 0 ? right! : left));

const changed = (terms: Row['terms'], change: (factor: number) => number): Row['terms'] =>
  terms.size === 0 ? terms : new Map([...terms].map(([unit, factor]) => [unit, change(factor)]));

/** The sum of rows, each multiplied by its factor. */
function combined(parts: readonly (readonly [Row, number])[]): Row {
  const terms = new Map<number, number>();
  let constant = 0;
  for (const [row, factor] of parts) {
    for (const [unit, share] of row.terms) terms.set(unit, (terms.get(unit) ?? 0) + share * factor);
    constant += row.constant * factor;
  }
  return { terms, constant };
}

/** Element by element, with NumPy's broadcasting. */
function together(
  operands: readonly [Affine, ...Affine[]],
  make: (rows: readonly [Row, Row, ...Row[]]) => Row,
): Affine {
  const rank = Math.max(...operands.map(({ axes }) => axes.length));
  const axes = Array.from({ length: rank }, (_, each) =>
    operands.map(({ axes }) => axes[each - rank + axes.length] ?? one).reduce(commonAxis),
  );
  const rows = rowsOf(axes, (index) =>
    make(operands.map((operand) => rowAt(operand, index.slice(rank - operand.axes.length))) as [Row, Row]),
  );
  return { axes, rows };
}

function commonAxis(a: Axis, b: Axis): Axis {
  if (isOne(b)) return a;
  if (isOne(a) || (a.kind === b.kind && a.size === b.size)) return b;
  throw new Obstacle(
    [a, b].some(({ kind }) => kind === 'images') ? mixesImages : 'it treats the places of an image differently',
  );
}

const isOne = ({ kind, size }: Axis) => kind !== 'images' && size === 1;

/** The rows for every index along the number axes. */
function rowsOf(axes: readonly Axis[], make: (index: readonly number[], position: number) => Row): Row[] {
  let terms = 0;
  return indicesOf(axes).map((index, position) => {
    const row = make(index, position);
    terms += row.terms.size;
    if (terms > most.terms) throw new Obstacle('it mixes too many classes with one another');
    return row;
  });
}

/** Every index along the number axes, the last axis fastest; along other axes it is 0. */
function indicesOf(axes: readonly Axis[]): readonly (readonly number[])[] {
  const sizes = axes.map(({ kind, size }) => (kind === 'numbers' ? size : 1));
  const count = sizes.reduce((product, size) => product * size, 1);
  if (count > most.rows) throw new Obstacle(`it has ${count} numbers for each place`);
  const index = sizes.map(() => 0);
  return Array.from({ length: count }, () => {
    const current = [...index];
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      if (++index[axis]! < sizes[axis]!) break;
      index[axis] = 0;
    }
    return current;
  });
}

/** The row at an index; along an axis of size 1, every index means the first. */
function rowAt({ axes, rows }: Affine, index: readonly number[]): Row {
  let at = 0;
  for (const [each, { kind, size }] of axes.entries()) {
    if (kind === 'numbers') at = at * size + (size === 1 ? 0 : index[each]!);
  }
  return rows[at]!;
}

/** The same elements in another shape, whose image axis is `batch`; no axis may merge images, positions and numbers. */
export function reshaped({ axes, rows }: Affine, shape: Shape, batch: Dimension): Affine {
  const old = axes.filter((axis) => !isOne(axis));
  const result: Axis[] = [];
  for (let i = 0, j = 0; j < shape.length;) {
    if (shape[j] === 1) {
      result.push(one);
      j++;
    } else if (shape[j] === batch && old[i]?.kind === 'images') {
      result.push(old[i]!);
      [i, j] = [i + 1, j + 1];
    } else {
      const group = alike(old, i, shape, j);
      result.push(...shape.slice(j, group.to).map((size) => ({ kind: group.kind, size: size as number })));
      [i, j] = [group.from, group.to];
    }
  }
  return { axes: result, rows };
}

/** The ends of the next group of axes of one kind, and of the new axes with as many elements. */
function alike(old: readonly Axis[], i: number, shape: Shape, j: number) {
  const kind = old[i]?.kind;
  let [from, to, count, wanted] = [i, j, 1, 1];
  while (from === i || count !== wanted) {
    const axis = old[from];
    const size = shape[to];
    if (kind === 'images' || kind === undefined) throw new Obstacle(mixesImages);
    if (count <= wanted && axis?.kind === kind) {
      count *= axis.size;
      from++;
    } else if (count > wanted && typeof size === 'number') {
      wanted *= size;
      to++;
    } else throw new Obstacle('it joins classes and places in one axis');
  }
  return { kind: kind as 'places' | 'numbers', from, to };
}

/** Axes in another order: axis i of the result is axis perm[i] of this. */
export function transposed(value: Affine, perm: readonly number[]): Affine {
  const axes = perm.map((axis) => value.axes[axis]!);
  const rows = rowsOf(axes, (index) =>
    rowAt(
      value,
      value.axes.map((_, axis) => index[perm.indexOf(axis)]!),
    ),
  );
  return { axes, rows };
}

/** The mean or the sum over axes; over positions it can be moved before the layer. */
export function reduced(value: Affine, along: readonly number[], keepDims: boolean, how: 'mean' | 'sum'): Affine {
  if (along.some((axis) => value.axes[axis]!.kind === 'images')) throw new Obstacle(mixesImages);
  const summed = along.map((axis) => value.axes[axis]!);
  const count = summed.reduce((product, { size }) => product * (size as number), 1);
  const places = placesOf({ axes: summed });
  const factor = how === 'mean' ? places / count : places;
  const kept = value.axes.map((axis, each) => (along.includes(each) ? one : axis));
  const inner = value.axes.map((axis, each) => (along.includes(each) ? axis : one));
  const offsets = indicesOf(inner);
  const rows = rowsOf(kept, (index) => {
    const parts = offsets.map((offset) =>
      rowAt(
        value,
        index.map((at, each) => at + offset[each]!),
      ),
    );
    return parts.length === 1 && factor === 1 ? parts[0]! : combined(parts.map((row) => [row, factor]));
  });
  return { axes: keepDims ? kept : kept.filter((_, each) => !along.includes(each)), rows };
}

/** Selected numbers along an axis, which is replaced by the axes of `shape`. */
export function selected(value: Affine, axis: number, indices: readonly number[], shape: readonly number[]): Affine {
  const { kind, size } = value.axes[axis]!;
  if (kind !== 'numbers') throw new Obstacle(`it uses only some of the ${kind}`);
  const taken = indices.map((at) => (at < 0 ? at + size : at));
  if (!taken.every((at) => at >= 0 && at < size)) throw new Obstacle('it uses indices that are out of range');
  const picked = value.axes.map((each, i) => (i === axis ? numbers(taken.length) : each));
  const rows = rowsOf(picked, (index) =>
    rowAt(
      value,
      index.map((at, i) => (i === axis ? taken[at]! : at)),
    ),
  );
  return { axes: [...value.axes.slice(0, axis), ...shape.map(numbers), ...value.axes.slice(axis + 1)], rows };
}

/** Concatenates numbers along an axis. */
export function concatenated(values: readonly Affine[], axis: number): Affine {
  const sizes = values.map(({ axes }) => axes[axis]!);
  if (sizes.some(({ kind }) => kind !== 'numbers')) throw new Obstacle('it joins images or places');
  const others = values.map(({ axes }) => axes.map((each, i) => (i === axis ? one : each)));
  const common = others.reduce((a, b) => a.map((each, i) => commonAxis(each, b[i]!)));
  const source = values.flatMap((value, v) =>
    Array.from({ length: sizes[v]!.size as number }, (_, at) => ({ value, at })),
  );
  const axes = common.map((each, i) => (i === axis ? numbers(source.length) : each));
  const rows = rowsOf(axes, (index) => {
    const { value, at } = source[index[axis]!]!;
    return rowAt(
      value,
      index.map((own, i) => (i === axis ? at : own)),
    );
  });
  return { axes, rows };
}

/** Broadcast to a shape, whose image axis is `batch`. */
export function expanded(value: Affine, shape: Shape, batch: Dimension): Affine {
  const axes = shape.map((size, each): Axis => {
    const own = value.axes[each - shape.length + value.axes.length];
    if (own?.size === size) return own;
    if (size === batch) return { kind: 'images', size };
    if (typeof size === 'number') return numbers(size);
    throw new Obstacle(mixesImages);
  });
  const zero = { axes, rows: rowsOf(axes, () => ({ terms: none, constant: 0 })) };
  return together([value, zero], ([row]) => row);
}
