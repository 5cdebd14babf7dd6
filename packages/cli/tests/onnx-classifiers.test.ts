import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { compareClassifier } from './onnx/compare-classifier.ts';

/**
 * Small networks of several families as PyTorch exported them: see tools/onnx/export_classifiers.py. `external_data` is
 * `convnext` once more, with its numbers in a file beside it.
 */
const folder = fileURLToPath(new URL('classifiers', import.meta.url));
const names = readdirSync(folder).flatMap((file) => (file.endsWith('.onnx') ? [file.slice(0, -'.onnx'.length)] : []));

describe('onnx', () => {
  it('is tried on eight files of seven families', () => expect(names).toHaveLength(8));

  it.each(names)('gives the logits and the gradient of PyTorch and of onnxruntime alone: %s', async (name) => {
    const distances = await compareClassifier(folder, name);
    expect(distances.toOnnxruntime).toBeLessThan(1e-4);
    expect(distances.toPyTorch).toBeLessThan(1e-4);
    expect(distances.gradientToPyTorch).toBeLessThan(1e-5);
    expect(distances.gradientToDifferences).toBeLessThan(0.05);
  });
});
