import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compareClassifier, type Distances } from '../../packages/cli/tests/onnx/compare-classifier.ts';
import { atMost, type Check } from './check.ts';

const script = fileURLToPath(new URL('../onnx/export_classifiers.py', import.meta.url));

/** The comparisons and their bounds. ReLU networks have a kink near every point, which affects finite differences. */
const compared: readonly (readonly [keyof Distances, string, number])[] = [
  ['toOnnxruntime', 'outputs and those of onnxruntime alone, max abs difference', 1e-4],
  ['toPyTorch', "logits and PyTorch's, max abs difference", 1e-4],
  ['gradientToPyTorch', "ODIN's gradient and PyTorch's, relative difference", 1e-5],
  ['gradientToDifferences', "ODIN's gradient and differences along random directions, relative", 0.05],
];

/** Classifiers of many families, exported by PyTorch on the fly; without PyTorch none, with a message. */
export async function classifiers(folder: string): Promise<Check[]> {
  const python = process.env.FAROUT_PYTHON ?? 'python3';
  const { status, stderr } = spawnSync(python, [script, folder], { encoding: 'utf8' });
  if (status !== 0) {
    console.log(
      `Skipped, classifiers in ONNX files: ${python} cannot export them: ${stderr.trim().split('\n').at(-1)}`,
    );
    return [];
  }
  const checks: Check[] = [];
  for (const file of readdirSync(folder).filter((each) => each.endsWith('.onnx'))) {
    const name = file.slice(0, -'.onnx'.length);
    const distances = await compareClassifier(folder, name);
    checks.push(...compared.map(([key, what, bound]) => atMost(`${name}: ${what}`, distances[key], bound)));
  }
  return checks;
}
