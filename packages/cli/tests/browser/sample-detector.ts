import type { Description } from '@farout/deploy';
import { writeOnnx } from '@farout/onnx';
import { constant, input, type Tensor } from '@farout/tensor';

const side = 32;
const classes = 5;

/** Text that would be markup if it were put into a page as such. */
export const hostile = '<img src=x onerror="document.title=1"><b id=bold>bold</b>';

const description: Description = {
  schemaVersion: 1,
  detector: `Sample ${hostile}`,
  parts: [{ kind: 'scorer', name: hostile, params: { temperature: 1 }, learnt: {} }],
  threshold: { value: 0.1, score: 0, rule: 'tpr', tpr: 0.95, index: 10, count: 200 },
  idScores: { count: 200, scores: Array.from({ length: 200 }, (_, at) => at / 100 - 0.5) },
  input: { kind: 'pixels', name: 'pixels', size: side },
  preprocessing: {
    ...{ resize: 36, crop: side, interpolation: 'bilinear', sides: 'shorter' },
    ...{ mean: [0.45, 0.45, 0.45], std: [0.225, 0.225, 0.225] },
  },
  labels: Array.from({ length: classes }, (_, at) => `${at} ${hostile}`),
  results: [{ ood: hostile, metric: 'auroc', value: 0.9 }],
  hashes: { backbone: '', id: { photographs: '' } },
  versions: { farout: '0.1.0' },
};

/** Numbers about 0, the same each time. */
const weights = (rows: number, columns: number) => {
  let state = 1;
  const next = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32 - 0.5;
  return constant({ data: Float32Array.from({ length: rows * columns }, next), shape: [rows, columns] });
};

/** A file as `farout export` writes it: two layers, and the energy score of its logits; every pixel moves it. */
export function sampleDetector(kind: 'pixels' | 'float'): Uint8Array {
  const [pixels, name]: [Tensor, string] =
    kind === 'pixels'
      ? [input('pixels', ['N', side, side, 3], 'uint8').cast('float32').div(255).sub(0.45).div(0.225), 'pixels']
      : [input('pixel_values', ['N', 3, side, side]).transpose(0, 2, 3, 1), 'pixel_values'];
  const hidden = pixels
    .reshape(['N', side * side * 3])
    .matmul(weights(side * side * 3, 16))
    .div(16)
    .relu();
  const logits = hidden.matmul(weights(16, classes));
  const score = logits.logSumExp().unsqueeze([1]);
  const outputs: Record<string, Tensor> = {
    logits,
    probabilities: logits.softmax(),
    score,
    is_in_distribution: score.greater(0.1),
  };
  const said: Description = { ...description, input: { kind, name, size: side } };
  return writeOnnx(outputs, { portable: true, metadata: { farout: JSON.stringify(said) } });
}
