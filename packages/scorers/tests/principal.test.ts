import { expect, it } from '@jest/globals';
import { Moments } from '@farout/linalg';
import { evaluate } from '@farout/runtime';
import { learnPrincipal, learnPrincipalOfFew } from '../src/principal.ts';
import { drawsOf } from '../src/draws.ts';

it('is the same subspace whether it is learnt from a covariance or from fewer rows themselves', async () => {
  const [count, width, ratio] = [20, 30, 0.7];
  const { normal } = drawsOf(1);
  const rows = Float64Array.from({ length: count * width }, (_, i) => 3 + normal() / (1 + (i % width)));
  const moments = new Moments(width);
  moments.add(rows);
  const { mean, covariance } = moments.result();
  const expected = learnPrincipal({ mean, covariance: covariance.data }, ratio);
  const found = await learnPrincipalOfFew(rows.slice(), width, ratio, {
    compile: (outputs) => Promise.resolve((inputs) => evaluate(outputs, inputs)),
  });
  expect(found.axes!.shape).toEqual(expected.axes!.shape);
  const farthest = (a: readonly number[], b: readonly number[]) =>
    Math.max(...a.map((each, i) => Math.abs(each - b[i]!)));
  expect(farthest([...(found.mean!.data as Float64Array)], [...mean])).toBeLessThan(1e-14);
  expect(farthest(projection(found.axes!), projection(expected.axes!))).toBeLessThan(1e-12);
});

/** Vᵀ·V of axes (q, D). */
function projection({
  data,
  shape,
}: {
  readonly data: ArrayLike<unknown>;
  readonly shape: readonly number[];
}): number[] {
  const [q, D] = shape as [number, number];
  const at = (k: number, d: number) => Number(data[k * D + d]);
  return Array.from({ length: D * D }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < q; k++) sum += at(k, Math.floor(i / D)) * at(k, i % D);
    return sum;
  });
}
