import type { OpenFile } from './files.ts';
import { Refusal } from './refusal.ts';

/** How something begins that lies where a file of numbers should, what it is, and how the file itself is had. */
type Impostor = readonly [begins: RegExp, what: string, fix: string];

const again = 'Download the file again, after signing in where that is asked for.';

/** What no numbers begin with. */
const texts: readonly Impostor[] = [
  [
    /^version https:\/\/git-lfs\.github\.com\//,
    'it is a pointer of git LFS, which stands for the file, not the file itself',
    'Fetch what it stands for: git lfs pull, in its repository; or download the file from its own page.',
  ],
  [
    /^<(!doctype html|html|head|body|!--)/i,
    'it is a web page (HTML), not the file that it should lead to',
    'Download the file itself: what is behind "download" or "raw" on that page, after signing in where that is asked for.',
  ],
  [/^(<\?xml|<error>)/i, 'it is XML, such as the answer of a server that refuses a download', again],
];

/** The same where something else may begin so too: looked at once nothing else fits. */
const others: readonly Impostor[] = [
  [/^\{\s*"/, 'it is JSON, such as the answer of a server that refuses a download', again],
  [
    /^(not found|entry not found|access denied|forbidden|unauthorized|invalid (username|credentials)|error)\b/i,
    'it is a text, such as the answer of a server that refuses a download',
    again,
  ],
  [/^\x1f\x8b/, 'it is packed by gzip', 'Unpack it first: gunzip, or tar xzf.'],
  [/^(7z\xbc\xaf|\xfd7zXZ|BZh)/, 'it is a packed archive', 'Unpack it first.'],
];

/** How far into a file a page may begin, behind a byte order mark and blanks. */
const looked = 256;

/**
 * What a download or a checkout left in the place of a file; undefined when it seems to be none of that. `strict`: only what
 * no file of numbers begins with.
 */
export async function impostor(file: OpenFile, strict: 'strict' | 'any'): Promise<Refusal | undefined> {
  if (file.size === 0) return new Refusal('it is empty', 'Download or copy it again.');
  const bytes = Buffer.from(await file.read(0, Math.min(looked, file.size), 'the beginning')).toString('latin1');
  const start = bytes.replace(/^\xef\xbb\xbf/, '').trimStart();
  const found = (strict === 'strict' ? texts : [...texts, ...others]).find(([begins]) => begins.test(start));
  return found && new Refusal(found[1], found[2]);
}

const takesCheckpoints = 'Name it in a backbone that reads checkpoints, such as resnet50';
const exported = 'export the network: torch.onnx.export(network.eval(), torch.zeros(1, 3, 224, 224), "network.onnx").';

/** How files of numbers begin that are no ONNX files. `.` stands for any byte. */
const notOnnx: readonly Impostor[] = [
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
