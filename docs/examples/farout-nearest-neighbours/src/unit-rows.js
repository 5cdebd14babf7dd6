/**
 * Every `step`-th row of a block, beginning with the first, divided by its length; a row of zeros stays as it is.
 *
 * @param {import('@farout/core').Rows} rows (n, D)
 * @returns {Float64Array[]} of length D each
 */
export function unitRows({ data, shape: [count, width] }, first = 0, step = 1) {
  const rows = [];
  for (let row = first; row < count; row += step) {
    const h = Float64Array.from(data.subarray(row * width, (row + 1) * width));
    const length = Math.hypot(...h) || 1;
    rows.push(h.map((value) => value / length));
  }
  return rows;
}
