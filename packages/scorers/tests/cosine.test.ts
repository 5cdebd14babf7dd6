import { expect, it } from '@jest/globals';
import { evaluate } from '@farout/runtime';
import { input } from '@farout/tensor';
import { cosineOfTurns } from '../src/cosine.ts';

it('is the cosine of so many turns, to 10⁻¹²', async () => {
  const t = Float64Array.from({ length: 4001 }, (_, i) => (i - 2000) / 97 + (i % 7) * 100 - 300);
  const { cosines } = await evaluate(
    { cosines: cosineOfTurns(input('t', ['N'], 'float64')) },
    { t: { data: t, shape: [t.length] } },
  );
  const found = cosines!.data as Float64Array;
  const off = found.map((value, i) => Math.abs(value - Math.cos(2 * Math.PI * (t[i]! % 1))));
  expect(Math.max(...off)).toBeLessThan(1e-12);
});
