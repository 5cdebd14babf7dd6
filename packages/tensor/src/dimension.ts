/** The size of an axis: a number, or the name of one that is only known when the graph runs, like the batch "N". */
export type Dimension = number | string;

/** a · b. A product with a name in it is a name again, always written alike: `N·64`. */
export const times = (a: Dimension, b: Dimension): Dimension => {
  const [left, right] = [factors(a), factors(b)];
  return product([...left.names, ...right.names], left.count * right.count);
};

/** a / b where that is whole whatever the names stand for, else undefined. */
export function over(a: Dimension, b: Dimension): Dimension | undefined {
  const [above, below] = [factors(a), factors(b)];
  const names = [...above.names];
  for (const name of below.names) {
    const at = names.indexOf(name);
    if (at < 0) return undefined;
    names.splice(at, 1);
  }
  const count = above.count / below.count;
  return Number.isInteger(count) ? product(names, count) : undefined;
}

/** A size as the names it is a multiple of, and how often: `N·64` is 64 times N. */
export function factors(size: Dimension): { readonly names: readonly string[]; readonly count: number } {
  if (typeof size === 'number') return { names: [], count: size };
  const parts = size.split('·');
  const names = parts.filter((part) => !/^\d+$/.test(part));
  const count = parts.reduce((total, part) => (/^\d+$/.test(part) ? total * Number(part) : total), 1);
  return { names, count };
}

function product(names: readonly string[], count: number): Dimension {
  if (names.length === 0 || count === 0) return count;
  return [...names]
    .sort()
    .concat(count === 1 ? [] : String(count))
    .join('·');
}
