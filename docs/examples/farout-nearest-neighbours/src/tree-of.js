import { VPTree } from 'mnemonist';

/** Trees by the bank they are made of: blocks of rows come one by one, and the bank is the same. */
const trees = new WeakMap();

/**
 * The vantage point tree over the rows of a bank. What is learnt can be arrays only, so the tree is made of them again.
 *
 * @param {import('@farout/core').NDArray} bank (n, D)
 */
export function treeOf(bank) {
  if (!trees.has(bank)) trees.set(bank, VPTree.from(rowsOf(bank), distance));
  return trees.get(bank);
}

const rowsOf = ({ data, shape: [count, width] }) =>
  Array.from({ length: count }, (_, row) => data.subarray(row * width, (row + 1) * width));

/** ‖a − b‖. The tree prunes by the triangle inequality, so it must be the distance itself and not its square. */
function distance(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return Math.sqrt(sum);
}
