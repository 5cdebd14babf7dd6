import type { Description } from '@farout/deploy';
import { encodePng } from '@farout/images';
import { writeOnnx } from '@farout/onnx';
import { constant, input } from '@farout/tensor';

const side = 8;

/** A detector's file whose score is the sum of all pixels' values; above 10 an image is in distribution. */
export function sumDetector(said: Pick<Description, 'threshold' | 'idScores'>): Uint8Array {
  const pixels = input('pixels', ['N', side, side, 3], 'uint8');
  const score = pixels.cast('float32').sum([1, 2, 3]).unsqueeze([1]);
  const logits = pixels.cast('float32').mean([1, 2]);
  const description: Description = {
    schemaVersion: 1,
    detector: 'Sum',
    parts: [{ kind: 'scorer', name: 'sum', params: {}, learnt: {} }],
    input: { kind: 'pixels', name: 'pixels', size: side },
    preprocessing: {
      ...{ resize: side, crop: side, interpolation: 'bilinear', sides: 'shorter' },
      ...{ mean: [0, 0, 0], std: [1, 1, 1] },
    },
    results: [],
    hashes: { backbone: 'b', id: {} },
    versions: {},
    ...said,
  };
  const decision = score.greater(constant({ data: Float32Array.of(10), shape: [] }));
  return writeOnnx(
    { logits, probabilities: logits.softmax(), score, is_in_distribution: decision },
    { portable: true, metadata: { farout: JSON.stringify(description) } },
  );
}

/** A PNG whose pixels' values have this sum. */
export function imageOf(sum: number): Uint8Array {
  const data = new Uint8Array(side * side * 3);
  for (let at = 0, left = sum; left > 0; at++, left -= 255) data[at] = Math.min(left, 255);
  return encodePng({ data, width: side, height: side });
}
