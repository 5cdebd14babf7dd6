import { VPTree } from 'mnemonist';

/**
 * The vantage point tree over some points.
 *
 * @param {Float64Array[]} points all of one length
 */
export const treeOf = (points) => VPTree.from(points, distance);

/** ‖a − b‖. The tree prunes by the triangle inequality, so it must be the distance itself and not its square. */
function distance(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return Math.sqrt(sum);
}
