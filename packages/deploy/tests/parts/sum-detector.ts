import { encodePng } from '@farout/images';
import { writeOnnx } from '@farout/onnx';
import { constant, input } from '@farout/tensor';
import type { Description } from '../../src/index.ts';

const side = 8;

const plain: Description = {
  schemaVersion: 1,
  detector: 'Sum',
  parts: [{ kind: 'scorer', name: 'sum', params: {}, learnt: {} }],
  threshold: { rule: 'tpr', value: 10, score: 10, tpr: 0.95, index: 0, count: 2 },
  idScores: { count: 2, scores: [10, 20] },
  input: { kind: 'pixels', name: 'pixels', size: side },
  preprocessing: {
    ...{ resize: side, crop: side, interpolation: 'bilinear', sides: 'shorter' },
    ...{ mean: [0, 0, 0], std: [1, 1, 1] },
  },
  results: [],
  hashes: { backbone: 'b', id: { objects: 'o' } },
  versions: { farout: '0.1.0' },
};

/** A detector whose score is the sum of all pixels' values less an offset, times a factor. */
export function sumDetector(
  more: Partial<Description> = {},
  { offset = 0, factor = 1, named = true }: { offset?: number; factor?: number; named?: boolean } = {},
): Uint8Array {
  const pixels = input('pixels', ['N', side, side, 3], 'uint8');
  const limit = constant({ data: Float32Array.of(10), shape: [] });
  const score = pixels.cast('float32').sum([1, 2, 3]).sub(offset).mul(factor).unsqueeze([1]);
  const logits = pixels.cast('float32').mean([1, 2]);
  return writeOnnx(
    { logits, probabilities: logits.softmax(), score, is_in_distribution: score.greater(limit) },
    {
      portable: true,
      ...(named && { replaceable: { 'farout.threshold': limit } }),
      metadata: { farout: JSON.stringify({ ...plain, ...more }) },
    },
  );
}

/** A PNG of which `sumDetector` takes the class to be that of the channel, whose values alone are not 0; they have this sum, up to 16,320. */
export function imageOfClass(channel: number, sum: number): Uint8Array {
  const data = new Uint8Array(side * side * 3);
  for (let at = channel, left = sum; left > 0; at += 3, left -= 255) data[at] = Math.min(left, 255);
  return encodePng({ data, width: side, height: side });
}

/** A PNG whose pixels' values have this sum, up to 48,960. */
export function imageOf(sum: number): Uint8Array {
  const data = new Uint8Array(side * side * 3);
  for (let at = 0, left = sum; left > 0; at++, left -= 255) data[at] = Math.min(left, 255);
  return encodePng({ data, width: side, height: side });
}
