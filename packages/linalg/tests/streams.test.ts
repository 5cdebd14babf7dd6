import { describe, expect, it } from '@jest/globals';
import { classMomentsOf, ClassMoments, momentsOf, Moments, type LabelledBlock } from '@farout/linalg';

const rows = [
  [3, 4],
  [0, 0],
  [-1, 0],
  [6, -8],
  [1, 1],
];
const labels = [1, 0, 0, 1, 0];

/** The rows in blocks of so many. */
async function* blocks(size: number): AsyncGenerator<LabelledBlock> {
  for (let at = 0; at < rows.length; at += size) {
    const some = rows.slice(at, at + size);
    const block = { data: Float32Array.from(some.flat()), shape: [some.length, 2] as const };
    yield await Promise.resolve({ ...block, labels: labels.slice(at, at + size) });
  }
}

describe('moments of a stream', () => {
  it('are those of the rows together, however they are cut', async () => {
    const moments = new Moments(2);
    moments.add(Float32Array.from(rows.flat()));
    expect(await momentsOf(blocks(2))).toEqual(moments.result());
    expect(await momentsOf(blocks(5))).toEqual(moments.result());
    const ofClasses = new ClassMoments(2, 2);
    ofClasses.add(Float32Array.from(rows.flat()), labels);
    expect(await classMomentsOf(blocks(3), 2)).toEqual(ofClasses.result());
  });

  it('are of rows of length 1 where that is asked for, in float64; a row of zeros stays', async () => {
    const { mean } = await momentsOf(blocks(2), true);
    const unit = [
      [0.6, 0.8],
      [0, 0],
      [-1, 0],
      [0.6, -0.8],
      [Math.SQRT1_2, Math.SQRT1_2],
    ];
    const expected = [0, 1].map((j) => unit.reduce((sum, row) => sum + row[j]!, 0) / unit.length);
    expected.forEach((value, j) => expect(mean[j]).toBeCloseTo(value, 14));
    const { classMeans } = await classMomentsOf(blocks(2), 2, true);
    expect(classMeans.data[2]).toBeCloseTo(0.6, 14);
    expect(classMeans.data[3]).toBeCloseTo(0, 14);
  });

  it('are refused where there are no rows', async () => {
    async function* none(): AsyncGenerator<LabelledBlock> {
      // Nothing comes.
    }
    await expect(momentsOf(none())).rejects.toMatchObject({ code: 'OOD_DETECTOR_FAILED' });
    await expect(classMomentsOf(none(), 2)).rejects.toMatchObject({ code: 'OOD_DETECTOR_FAILED' });
  });
});
