// AssemblyScript, not TypeScript: the inner loops of products over vectors of two float64. `npm run wasm` compiles it into
// src/products-wasm.ts. All arguments are addresses, strides in bytes, or counts of numbers; who calls lays out the memory.
// No operation is fused and each sum has one order, so the same input gives the same bits on every machine.

/** Bytes of a number. */
const one: usize = 8;
/** Panels hold this many rows of the left matrix or columns of the right one. */
const panel: usize = 4;

/**
 * Lays `count` lines of `depth` numbers, `stride` apart and their numbers `step` apart, into panels of four lines: four
 * numbers of one depth stand together. The last panel is filled up with zeros.
 */
export function pack(target: usize, source: usize, stride: usize, step: usize, count: usize, depth: usize): void {
  for (let line: usize = 0; line < count; line += panel) {
    const width = min(panel, count - line);
    for (let k: usize = 0; k < depth; k++) {
      let from = source + line * stride + k * step;
      for (let i: usize = 0; i < panel; i++, from += stride, target += one)
        store<f64>(target, i < width ? load<f64>(from) : 0);
    }
  }
}

/** C += factor · A·B for packed A, (rows, depth), and packed B, (depth, columns). C is row by row. */
export function multiplyPanels(
  c: usize,
  cStride: usize,
  a: usize,
  b: usize,
  rows: usize,
  columns: usize,
  depth: usize,
  factor: f64,
): void {
  const bytes = panel * one * depth;
  for (let j: usize = 0; j < columns; j += panel, b += bytes) {
    let left = a;
    for (let i: usize = 0; i < rows; i += panel, left += bytes) {
      const to = c + i * cStride + j * one;
      multiplyPair(to, cStride, left, b, min(panel, rows - i), min(panel, columns - j), depth, factor);
    }
  }
}

/** One panel of A by one of B, which is a square of sixteen numbers of C; the outer ones are cut off at the edges. */
function multiplyPair(
  c: usize,
  cStride: usize,
  a: usize,
  b: usize,
  rows: usize,
  columns: usize,
  depth: usize,
  factor: f64,
): void {
  let c00 = f64x2.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  for (const end = a + panel * one * depth; a < end; a += panel * one, b += panel * one) {
    const left = v128.load(b);
    const right = v128.load(b, 16);
    const a0 = v128.load64_splat(a);
    c00 = f64x2.add(c00, f64x2.mul(a0, left));
    c01 = f64x2.add(c01, f64x2.mul(a0, right));
    const a1 = v128.load64_splat(a, 8);
    c10 = f64x2.add(c10, f64x2.mul(a1, left));
    c11 = f64x2.add(c11, f64x2.mul(a1, right));
    const a2 = v128.load64_splat(a, 16);
    c20 = f64x2.add(c20, f64x2.mul(a2, left));
    c21 = f64x2.add(c21, f64x2.mul(a2, right));
    const a3 = v128.load64_splat(a, 24);
    c30 = f64x2.add(c30, f64x2.mul(a3, left));
    c31 = f64x2.add(c31, f64x2.mul(a3, right));
  }
  addRow(c, c00, c01, columns, factor);
  if (rows > 1) addRow(c + cStride, c10, c11, columns, factor);
  if (rows > 2) addRow(c + 2 * cStride, c20, c21, columns, factor);
  if (rows > 3) addRow(c + 3 * cStride, c30, c31, columns, factor);
}

function addRow(to: usize, left: v128, right: v128, columns: usize, factor: f64): void {
  const by = f64x2.splat(factor);
  left = f64x2.mul(left, by);
  right = f64x2.mul(right, by);
  if (columns >= 2) v128.store(to, f64x2.add(v128.load(to), left));
  else store<f64>(to, load<f64>(to) + f64x2.extract_lane(left, 0));
  if (columns == 4) v128.store(to, f64x2.add(v128.load(to, 16), right), 16);
  else if (columns == 3) store<f64>(to, load<f64>(to, 16) + f64x2.extract_lane(right, 0), 16);
}

/** y += A·x for a symmetric A, (n, n), of which the upper triangle is read, each number once. */
export function addSymmetricProduct(y: usize, a: usize, stride: usize, x: usize, n: usize): void {
  let i: usize = 0;
  for (; i + panel <= n; i += panel) fourRows(y + i * one, a + i * (stride + one), stride, x + i * one, n - i);
  for (; i < n; i++) oneRow(y + i * one, a + i * (stride + one), x + i * one, n - i);
}

/** The first row of a triangle: its product with x, and what its numbers, mirrored, add to the products below. */
function oneRow(y: usize, a: usize, x: usize, n: usize): void {
  const head = load<f64>(x);
  let sum = load<f64>(a) * head;
  for (let j: usize = one; j < n * one; j += one) {
    sum += load<f64>(a + j) * load<f64>(x + j);
    store<f64>(y + j, load<f64>(y + j) + load<f64>(a + j) * head);
  }
  store<f64>(y, load<f64>(y) + sum);
}

/** The first four rows of a triangle: the square on the diagonal row by row, what stands to its right at once. */
function fourRows(y: usize, a: usize, stride: usize, x: usize, n: usize): void {
  for (let i: usize = 0; i < panel; i++) oneRow(y + i * one, a + i * (stride + one), x + i * one, panel - i);
  const x0 = v128.load64_splat(x);
  const x1 = v128.load64_splat(x, 8);
  const x2 = v128.load64_splat(x, 16);
  const x3 = v128.load64_splat(x, 24);
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let j: usize = panel * one;
  const end = n * one;
  for (; j + 2 * one <= end; j += 2 * one) {
    const from = a + j;
    const xj = v128.load(x + j);
    const a0 = v128.load(from);
    s0 = f64x2.add(s0, f64x2.mul(a0, xj));
    const a1 = v128.load(from + stride);
    s1 = f64x2.add(s1, f64x2.mul(a1, xj));
    const a2 = v128.load(from + 2 * stride);
    s2 = f64x2.add(s2, f64x2.mul(a2, xj));
    const a3 = v128.load(from + 3 * stride);
    s3 = f64x2.add(s3, f64x2.mul(a3, xj));
    const low = f64x2.add(f64x2.mul(a0, x0), f64x2.mul(a1, x1));
    const high = f64x2.add(f64x2.mul(a2, x2), f64x2.mul(a3, x3));
    v128.store(y + j, f64x2.add(v128.load(y + j), f64x2.add(low, high)));
  }
  if (j < end) {
    const xj = v128.load64_zero(x + j);
    const a0 = v128.load64_zero(a + j);
    s0 = f64x2.add(s0, f64x2.mul(a0, xj));
    const a1 = v128.load64_zero(a + j + stride);
    s1 = f64x2.add(s1, f64x2.mul(a1, xj));
    const a2 = v128.load64_zero(a + j + 2 * stride);
    s2 = f64x2.add(s2, f64x2.mul(a2, xj));
    const a3 = v128.load64_zero(a + j + 3 * stride);
    s3 = f64x2.add(s3, f64x2.mul(a3, xj));
    const low = f64x2.add(f64x2.mul(a0, x0), f64x2.mul(a1, x1));
    const high = f64x2.add(f64x2.mul(a2, x2), f64x2.mul(a3, x3));
    store<f64>(y + j, load<f64>(y + j) + f64x2.extract_lane(f64x2.add(low, high), 0));
  }
  addSum(y, s0);
  addSum(y + one, s1);
  addSum(y + 2 * one, s2);
  addSum(y + 3 * one, s3);
}

function addSum(to: usize, sums: v128): void {
  store<f64>(to, load<f64>(to) + (f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1)));
}

/** out[i] = rows[i] · x, for `count` rows of `length` numbers. */
export function dotRows(out: usize, rows: usize, stride: usize, x: usize, count: usize, length: usize): void {
  const end = length * one;
  for (let i: usize = 0; i < count; i++, rows += stride) {
    let even = f64x2.splat(0);
    let odd = even;
    let j: usize = 0;
    for (; j + 4 * one <= end; j += 4 * one) {
      even = f64x2.add(even, f64x2.mul(v128.load(rows + j), v128.load(x + j)));
      odd = f64x2.add(odd, f64x2.mul(v128.load(rows + j, 16), v128.load(x + j, 16)));
    }
    const sums = f64x2.add(even, odd);
    let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
    for (; j < end; j += one) sum += load<f64>(rows + j) * load<f64>(x + j);
    store<f64>(out + i * one, sum);
  }
}

/** y += factor · Σ weights[i] · rows[i], for `count` rows of `length` numbers. */
export function addRows(
  y: usize,
  rows: usize,
  stride: usize,
  weights: usize,
  count: usize,
  length: usize,
  factor: f64,
): void {
  const end = length * one;
  for (let i: usize = 0; i < count; i++, rows += stride) {
    const weight = factor * load<f64>(weights + i * one);
    const by = f64x2.splat(weight);
    let j: usize = 0;
    for (; j + 2 * one <= end; j += 2 * one)
      v128.store(y + j, f64x2.add(v128.load(y + j), f64x2.mul(by, v128.load(rows + j))));
    if (j < end) store<f64>(y + j, load<f64>(y + j) + weight * load<f64>(rows + j));
  }
}
