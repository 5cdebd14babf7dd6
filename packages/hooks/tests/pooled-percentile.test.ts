import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pooledPercentile } from '../src/pooled-percentile.ts';

const rowsOf = (...batches: Float32Array[]) => ({
  async *[Symbol.asyncIterator]() {
    for (const data of batches) yield await Promise.resolve({ features: { data, shape: [1, data.length] as const } });
  },
});

/** numpy's default, by sorting: linear between the two values around p/100 · (n − 1). */
function bySorting(values: Float32Array, percentile: number): number {
  const sorted = Float64Array.from(values).sort();
  const virtual = (percentile / 100) * (sorted.length - 1);
  const a = sorted[Math.floor(virtual)]!;
  const b = sorted[Math.ceil(virtual)]!;
  const t = virtual - Math.floor(virtual);
  return t < 0.5 ? a + (b - a) * t : b - (b - a) * (1 - t);
}

/** Activations as after a rectifier: a third are zero, the others have a long tail. */
function activations(count: number): Float32Array {
  let state = 7;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const u = state / 2 ** 32;
    return u < 1 / 3 ? 0 : -Math.log(1.5 * (1 - u));
  });
}

const numpy = (values: Float32Array, percentiles: number[]): number[] | undefined => {
  const program = [
    'import sys, numpy',
    'values = numpy.frombuffer(sys.stdin.buffer.read(), dtype=numpy.float32).astype(numpy.float64)',
    `print(*(repr(float(v)) for v in numpy.percentile(values, ${JSON.stringify(percentiles)})))`,
  ].join('\n');
  const { status, stdout } = spawnSync(process.env.FAROUT_PYTHON ?? 'python3', ['-c', program], {
    input: new Uint8Array(values.buffer),
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim().split(' ').map(Number) : undefined;
};
const itWithNumpy = numpy(Float32Array.of(1), [50]) ? it : it.skip;

describe('pooledPercentile', () => {
  it('equals the percentile of the sorted values, whatever they are and however they are cut into batches', async () => {
    const finite = fc.float({ noNaN: true, noDefaultInfinity: true });
    const batch = fc
      .array(fc.oneof(finite, fc.constantFrom(0, -0, 1, -1)), { maxLength: 40 })
      .map((values) => Float32Array.from(values));
    const percentile = fc.oneof(fc.double({ min: 0, max: 100, noNaN: true }), fc.constantFrom(0, 50, 90, 100));
    const batches = fc
      .array(batch, { minLength: 1, maxLength: 4 })
      .filter((all) => all.some(({ length }) => length > 0));
    await fc.assert(
      fc.asyncProperty(batches, percentile, async (all, p) => {
        const pooled = Float32Array.from(all.flatMap((values) => Array.from(values)));
        expect((await pooledPercentile(rowsOf(...all), p)) + 0).toBe(bySorting(pooled, p) + 0);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  itWithNumpy('equals numpy to the last bit', async () => {
    const values = activations(200_003);
    const percentiles = [0, 1, 33.3, 50, 80, 85, 90, 95, 99, 99.99, 100];
    const ours = await Promise.all(percentiles.map((p) => pooledPercentile(rowsOf(values), p)));
    expect(ours).toEqual(numpy(values, percentiles));
  });

  it('interpolates between two values that share the upper half of their bits', async () => {
    const [a, b] = [1, 1 + 2 ** -20];
    expect(await pooledPercentile(rowsOf(Float32Array.of(a, b)), 25)).toBe(a + (b - a) / 4);
  });

  it('reads activations that lie in the middle of a larger buffer', async () => {
    const data = Float32Array.of(100, 1, 2, 3, 100).subarray(1, 4);
    expect(await pooledPercentile(rowsOf(data), 50)).toBe(2);
  });

  it.each([NaN, Infinity, -Infinity])('refuses %d, whatever the percentile', async (bad) => {
    await expect(pooledPercentile(rowsOf(Float32Array.of(1, 2), Float32Array.of(bad, 3)), 50)).rejects.toMatchObject({
      code: 'OOD_DETECTOR_FAILED',
      message: 'an activation of the fit set is NaN or infinite',
    });
  });

  it('refuses a NaN of any bits', async () => {
    for (const bits of [0x7f800001, 0x7fffffff, 0xff800001, 0xffffffff]) {
      const data = new Float32Array(Uint32Array.of(bits).buffer);
      await expect(pooledPercentile(rowsOf(data), 50)).rejects.toMatchObject({ code: 'OOD_DETECTOR_FAILED' });
    }
  });

  it('refuses a fit set without activations', async () => {
    await expect(pooledPercentile(rowsOf(), 50)).rejects.toMatchObject({ message: 'the fit set has no activations' });
  });
});
