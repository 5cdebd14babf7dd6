import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { impostor, Refusal, shown, withFile, withSource } from './files.ts';

/** The bytes of an ONNX file, and access to its external data. */
export interface OnnxFile {
  readonly bytes: Uint8Array;
  /**
   * Reads bytes of a file that the model names.
   *
   * @throws FaroutError OOD_ONNX_REFUSED when it is outside the model's folder or too short, OOD_MISSING_FILE when it does not exist.
   */
  readonly external: (file: string, offset: number, length: number) => Promise<Uint8Array>;
}

/** The maximum length of a protocol buffer message; larger models use external data. */
const largest = 2 ** 31;

/**
 * Reads an ONNX file without parsing its content.
 *
 * @throws FaroutError OOD_MISSING_FILE, or OOD_ONNX_REFUSED when it is too long for an ONNX file.
 */
export async function readOnnxFile(model: string): Promise<OnnxFile> {
  try {
    const bytes = await withFile(model, async (file) => {
      const other = await impostor(file, 'any');
      if (other) throw other;
      refuseOtherThanOnnx(await file.read(0, Math.min(16, file.size), 'the beginning'));
      if (file.size >= largest) throw new Refusal(`it has ${file.size} bytes, too many for an ONNX file`);
      return file.read(0, file.size, 'the model');
    });
    return { bytes, external: (...wanted) => readBeside(model, ...wanted) };
  } catch (error) {
    throw withSource(error, 'OOD_ONNX_REFUSED', model);
  }
}

const takesCheckpoints = 'Name it in a backbone that reads checkpoints, such as resnet50';
const exported = 'export the network: torch.onnx.export(network.eval(), torch.zeros(1, 3, 224, 224), "network.onnx").';

/** The first bytes of other data formats. `.` matches any byte. */
const notOnnx: readonly (readonly [begins: RegExp, what: string, fix: string])[] = [
  [/^PK\x03\x04/, 'a zip, such as torch.save writes (.pth, .pt)', `${takesCheckpoints}; or ${exported}`],
  [/^\x80[\x01-\x05]/, 'a pickle, such as torch.save writes (.pth, .pt)', `${takesCheckpoints}; or ${exported}`],
  [/^.{8}\{/s, 'safetensors', `${takesCheckpoints}; or ${exported}`],
  [/^\x93NUMPY/, 'an array of numpy (.npy)', 'Name the file of the network.'],
  [/^\x89HDF\r\n/, 'HDF5, such as Keras writes (.h5)', 'Export the network, for example with tf2onnx.'],
  [/^.{4}TFL3/s, 'a TensorFlow Lite model', 'Export the network, for example with tf2onnx.'],
];

/** Rejects other formats than ONNX by their first bytes. */
function refuseOtherThanOnnx(beginning: Uint8Array): void {
  const start = Buffer.from(beginning).toString('latin1');
  const [, what, fix] = notOnnx.find(([begins]) => begins.test(start)) ?? [];
  if (what !== undefined) throw new Refusal(`not an ONNX file, but ${what}`, fix);
}

async function readBeside(model: string, name: string, offset: number, length: number): Promise<Uint8Array> {
  try {
    const beside = await insideFolder(path.dirname(model), name);
    return await withFile(beside, async (file) => {
      const other = length > 0 && offset + length > file.size ? await impostor(file, 'strict') : undefined;
      if (other) throw other;
      return file.read(offset, length, 'a constant of the model');
    });
  } catch (error) {
    throw withSource(error, 'OOD_ONNX_REFUSED', `${model}, which reads "${shown(name)}"`);
  }
}

/** The path of a file in or below a folder, after resolving links. A model must not be able to read anything else. */
async function insideFolder(folder: string, name: string): Promise<string> {
  const steps = name.split(/[/\\]/);
  if (path.isAbsolute(name) || path.win32.isAbsolute(name) || steps.includes('..')) throw outside();
  const wanted = path.join(folder, ...steps);
  const [root, file] = await Promise.all([realpath(folder), realpath(wanted).catch(() => undefined)]);
  // Opening a missing file reports it by its own name.
  if (file === undefined) return wanted;
  if (!file.startsWith(root + path.sep)) throw outside();
  return file;
}

const outside = () =>
  new Refusal(
    'it stores data outside its own folder',
    'Export the model again with its external data in files next to it.',
  );
