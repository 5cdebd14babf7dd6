import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Description } from '@farout/deploy';
import { writeOnnx } from '@farout/onnx';
import { input } from '@farout/tensor';

const side = 8;
const description: Description = {
  schemaVersion: 1,
  detector: 'brightness',
  parts: [{ kind: 'scorer', name: 'brightness', params: {}, learnt: {} }],
  threshold: { value: 100, score: 99, rule: 'tpr', tpr: 0.75, index: 1, count: 4 },
  idScores: { count: 4, scores: [50, 99, 150, 200] },
  input: { kind: 'pixels', name: 'pixels', size: side },
  preprocessing: {
    ...{ resize: side, crop: side, interpolation: 'bilinear', sides: 'shorter' },
    ...{ mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  },
  labels: ['red', 'green', 'blue'],
  results: [],
  hashes: { backbone: '', id: {} },
  versions: {},
};

/** Writes a detector whose score is the mean of all pixels; in distribution is what is brighter than 100. */
export function writeDetector(folder: string, name = 'brightness.onnx'): string {
  const means = input('pixels', ['N', side, side, 3], 'uint8').cast('float32').mean([1, 2]);
  const score = means.mean([1], { keepDims: true });
  const outputs = { logits: means, probabilities: means.softmax(), score, is_in_distribution: score.greater(100) };
  const file = path.join(folder, name);
  writeFileSync(file, writeOnnx(outputs, { portable: true, metadata: { farout: JSON.stringify(description) } }));
  return file;
}
