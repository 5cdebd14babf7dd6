import { readdirSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { clearField, create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { ModelProtoSchema, StringStringEntryProtoSchema, TensorProtoSchema } from '../../tensor/src/onnx/onnx_pb.ts';
import { compareClassifier } from '../../../tools/onnx/compare-classifier.ts';

/** Small networks of several families as PyTorch exported them: see tools/onnx/export_classifiers.py. */
const folder = fileURLToPath(new URL('classifiers', import.meta.url));
const names = readdirSync(folder).flatMap((file) => (file.endsWith('.onnx') ? [file.slice(0, -'.onnx'.length)] : []));

/** Puts the weights of a model into a file beside it, as exporters do with large ones. */
async function moveNumbersOut(file: string): Promise<void> {
  const model = fromBinary(ModelProtoSchema, new Uint8Array(await readFile(file)));
  const moved = model.graph!.initializer.filter(({ dataType, rawData }) => dataType === 1 && rawData.length > 64);
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const tensor of moved) {
    const place = { location: 'weights.bin', offset: String(offset), length: String(tensor.rawData.length) };
    tensor.externalData = Object.entries(place).map(([key, value]) =>
      create(StringStringEntryProtoSchema, { key, value }),
    );
    tensor.dataLocation = 1;
    parts.push(tensor.rawData);
    offset += tensor.rawData.length;
    clearField(tensor, TensorProtoSchema.field.rawData);
  }
  await writeFile(path.join(path.dirname(file), 'weights.bin'), Buffer.concat(parts));
  await writeFile(file, toBinary(ModelProtoSchema, model));
}

describe('onnx', () => {
  it('is tried on seven families', () => expect(names).toHaveLength(7));

  it.each(names)('gives the logits and the gradient of PyTorch and of onnxruntime alone: %s', async (name) => {
    const distances = await compareClassifier(folder, name);
    expect(distances.toOnnxruntime).toBeLessThan(1e-4);
    expect(distances.toPyTorch).toBeLessThan(1e-4);
    expect(distances.gradientToPyTorch).toBeLessThan(1e-5);
    expect(distances.gradientToDifferences).toBeLessThan(0.05);
  });

  it('finds numbers that lie in a file beside it', async () => {
    const elsewhere = await mkdtemp(path.join(tmpdir(), 'oodkit-external-'));
    try {
      await cp(folder, elsewhere, { recursive: true });
      await moveNumbersOut(path.join(elsewhere, 'convnext.onnx'));
      const distances = await compareClassifier(elsewhere, 'convnext');
      expect(distances.toOnnxruntime).toBeLessThan(1e-4);
      expect(distances.toPyTorch).toBeLessThan(1e-4);
    } finally {
      await rm(elsewhere, { recursive: true, force: true });
    }
  });
});
