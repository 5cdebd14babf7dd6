import path from 'node:path';
import { readOnnxFile } from '@farout/checkpoints';
import { FaroutError, notFiniteFix } from '@farout/core';
import { OnnxError, readOnnx, type OnnxModel } from '@farout/tensor';
import type { ReadModel } from './compare-with-file.ts';

/**
 * The network in an ONNX file. `onTrace` is told whenever it is applied to inputs.
 *
 * @throws FaroutError OOD_ONNX_REFUSED, OOD_WEIGHTS_INVALID, OOD_MISSING_FILE
 */
export async function openOnnx(file: string, onTrace?: (read: ReadModel) => void): Promise<OnnxModel> {
  const { bytes, external } = await readOnnxFile(file);
  const model = await naming(file, () => readOnnx(bytes, external));
  const trace: OnnxModel['trace'] = (inputs) => {
    onTrace?.({ file, model, inputs });
    try {
      return model.trace(inputs);
    } catch (error) {
      throw refusal(file, error);
    }
  };
  return { ...model, trace };
}

async function naming<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw refusal(file, error);
  }
}

/** A refusal with the name of the file; any other error as it is. */
function refusal(file: string, error: unknown): unknown {
  if (!(error instanceof OnnxError)) return error;
  return new FaroutError(error.code, `${path.basename(file)}: ${error.message}`, {
    fix: error.code === 'OOD_WEIGHTS_INVALID' ? notFiniteFix : fix,
    cause: error,
  });
}

const fix =
  'Export the classifier again: in operator set 7 or newer, for images of one size, without control flow, sparse constants or functions.';
