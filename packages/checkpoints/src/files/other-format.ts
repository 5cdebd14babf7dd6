import { Refusal } from '../refusal.ts';

const takesCheckpoints = 'Name it in a backbone that reads checkpoints, such as resnet50';
const exported = 'export the network: torch.onnx.export(network.eval(), torch.zeros(1, 3, 224, 224), "network.onnx").';

/** How files of numbers begin that are no ONNX files. `.` stands for any byte. */
const notOnnx: readonly (readonly [begins: RegExp, what: string, fix: string])[] = [
  [/^PK\x03\x04/, 'a zip, such as torch.save writes (.pth, .pt)', `${takesCheckpoints}; or ${exported}`],
  [/^\x80[\x01-\x05]/, 'a pickle, such as torch.save writes (.pth, .pt)', `${takesCheckpoints}; or ${exported}`],
  [/^.{8}\{/s, 'safetensors', `${takesCheckpoints}; or ${exported}`],
  [/^\x93NUMPY/, 'an array of numpy (.npy)', 'Name the file of the network.'],
  [/^\x89HDF\r\n/, 'HDF5, such as Keras writes (.h5)', 'Export the network, for example by tf2onnx.'],
  [/^.{4}TFL3/s, 'a TensorFlow Lite model', 'Export the network, for example by tf2onnx.'],
];

/** Refuses, by its first bytes, what is another format than ONNX: weights without a network. */
export function refuseOtherThanOnnx(beginning: Uint8Array): void {
  const start = Buffer.from(beginning).toString('latin1');
  const [, what, fix] = notOnnx.find(([begins]) => begins.test(start)) ?? [];
  if (what !== undefined) throw new Refusal(`not an ONNX file, but ${what}`, fix);
}

/** Field 1 of ONNX's outermost message, the version as a small number, and the field that follows. */
const onnx = /^\x08[\x01-\x1f][\x12\x1a\x22\x28\x32\x3a\x42]/;

/** Why a file is no checkpoint, where its first bytes tell what it is instead. */
export const otherThanCheckpoint = (start: string): Refusal | undefined =>
  onnx.test(start)
    ? new Refusal(
        'an ONNX file, which holds a network with its weights, not a checkpoint',
        'Name it in the backbone "onnx": onnx: { weights: … }.',
      )
    : undefined;
