import type { NDArray } from '@farout/core';
import { impostor, Refusal, shown, withFile, withSource, type OpenFile } from '../files.ts';
import { PickleList } from '../pickle/machine.ts';
import { unpickle } from '../pickle/unpickle.ts';
import { openSafetensors } from '../safetensors.ts';
import { StoredZip } from '../zip.ts';
import { findWeights } from './find-weights.ts';
import { CheckpointHost } from './host.ts';
import {
  largestDescription,
  type Elements,
  type OpenedCheckpoint,
  type StorageRecord,
  type TensorRecord,
} from './records.ts';

/**
 * Reads the named arrays of a network's weights, in the file's order: float32, and int64 for num_batches_tracked. It reads both formats of
 * torch.save, the zip and its predecessor, and safetensors; the format is detected from the first bytes, never from the file's name. The
 * tensors may be under `state_dict`, `model_state_dict` or `model` of a training checkpoint. Everything else is ignored, and other weights,
 * such as averages over training (EMA), are reported. Nothing in the file is executed.
 *
 * float16 and bfloat16 are converted exactly to float32, bit for bit as by PyTorch's `.float()`; float64 is rounded to the nearest float32,
 * ties to even, also as there.
 *
 * It needs no more memory than the arrays: each storage is read once, and float32 directly into the buffer that its arrays view. Arrays
 * that share a storage in the file share it here, so treat them as read-only. Non-contiguous tensors are copied.
 *
 * @throws FaroutError OOD_MISSING_FILE, or OOD_CHECKPOINT_REFUSED when the file is damaged, has another format or element type, contains no
 *   named tensors, or requests code execution.
 */
export async function readCheckpoint(path: string, options: WhichWeights = {}): Promise<Map<string, NDArray>> {
  try {
    return await withFile(path, async (file) => loadAll(await openCheckpoint(file), file.size, options));
  } catch (error) {
    throw withSource(error, 'OOD_CHECKPOINT_REFUSED', path);
  }
}

/** Which of several weights to read, and a callback for notes about the others. */
export interface WhichWeights {
  /** The key of the weights, such as `state_dict_ema`, or the first word of their names. */
  readonly state?: string | undefined;
  readonly onNote?: (sentence: string) => void;
}

async function openCheckpoint(file: OpenFile): Promise<OpenedCheckpoint> {
  const start = Buffer.from(await file.read(0, Math.min(9, file.size), 'the signature')).toString('latin1');
  if (start.startsWith('PK\x03\x04')) return openZipCheckpoint(file);
  // Checked before pickles: a header's length may start with their first byte, but in torch.save's output the ninth byte is never "{".
  if (start[8] === '{') return openSafetensors(file);
  if (start.startsWith('\x80')) return openLegacyCheckpoint(file);
  const other = otherThanCheckpoint(start) ?? (await impostor(file, 'any'));
  if (other) throw other;
  throw new Refusal(
    'neither a zip nor a pickle nor safetensors, so not a supported checkpoint',
    'Name a file written by torch.save(model.state_dict(), path) or safetensors.',
  );
}

/** Field 1 of ONNX's outermost message, the version as a small number, and the field that follows. */
const onnx = /^\x08[\x01-\x1f][\x12\x1a\x22\x28\x32\x3a\x42]/;

/** Why a file is not a checkpoint, if its first bytes show what it is instead. */
const otherThanCheckpoint = (start: string): Refusal | undefined =>
  onnx.test(start)
    ? new Refusal(
        'an ONNX file, which contains a network with its weights, not a checkpoint',
        'Name it in the backbone "onnx": onnx: { weights: … }.',
      )
    : undefined;

async function loadAll(
  { root, load }: OpenedCheckpoint,
  fileSize: number,
  { state, onNote }: WhichWeights,
): Promise<Map<string, NDArray>> {
  const { tensors, note } = findWeights(root, state);
  if (note !== undefined) onNote?.(note);
  checkCopies([...tensors.values()], fileSize);
  const loaded = new Map<StorageRecord, Elements>();
  const arrays = new Map<string, NDArray>();
  for (const [name, tensor] of tensors) {
    const { storage } = tensor;
    const elements = loaded.get(storage) ?? storage.type.decode!(await load(storage));
    loaded.set(storage, elements);
    arrays.set(name, tensor.array(elements));
  }
  return arrays;
}

/** A few bytes can describe any number of huge tensors over one storage; real checkpoints copy almost nothing. */
function checkCopies(tensors: readonly TensorRecord[], fileSize: number): void {
  const copied = tensors.reduce((sum, tensor) => sum + tensor.copiedBytes, 0);
  if (copied <= fileSize) return;
  throw new Refusal(
    `its tensors that are not contiguous would take ${copied} bytes, more than the file's ${fileSize}`,
    'Save contiguous tensors: { name: tensor.contiguous() for each of them }.',
  );
}

/**
 * Opens the format of torch.save since PyTorch 1.6: a zip with one folder that contains data.pkl, a file data/<key> for each storage and,
 * since 2.1, byteorder.
 */
async function openZipCheckpoint(file: OpenFile): Promise<OpenedCheckpoint> {
  const zip = await StoredZip.open(file);
  const folder = folderOf(zip);
  await checkByteOrderEntry(zip, `${folder}/byteorder`);
  const size = zip.size(`${folder}/data.pkl`) ?? 0;
  if (size > largestDescription)
    throw new Refusal(`its pickle has ${size} bytes, more than the ${largestDescription} that are read`);
  const { value: root } = unpickle(await zip.read(`${folder}/data.pkl`), 0, new CheckpointHost());
  return { root, load: (storage) => loadEntry(zip, `${folder}/data/${storage.key}`, storage) };
}

function folderOf(zip: StoredZip): string {
  const folders = zip.names.flatMap((name) => /^([^/]+)\/data\.pkl$/.exec(name)?.[1] ?? []);
  if (folders.length === 1) return folders[0]!;
  throw new Refusal(
    `a zip with ${folders.length} pickles named data.pkl, where a checkpoint has one`,
    'Name a checkpoint that torch.save(model.state_dict(), path) has written.',
  );
}

async function checkByteOrderEntry(zip: StoredZip, name: string): Promise<void> {
  if (zip.size(name) === undefined) return;
  const order = Buffer.from(await zip.read(name)).toString('latin1');
  if (order !== 'little') {
    throw new Refusal(`its numbers have the byte order "${shown(order)}"`, 'Save it again on a little-endian machine.');
  }
}

async function loadEntry(zip: StoredZip, name: string, storage: StorageRecord): Promise<ArrayBuffer> {
  const size = zip.size(name);
  if (size !== undefined && size !== storage.bytes) {
    throw new Refusal(`entry "${shown(name)}" has ${size} bytes, its tensors expect ${storage.bytes}`);
  }
  return (await zip.read(name)).buffer;
}

/** The number that torch.save writes first. */
const magic = 0x1950a86a20f9469cfc6cn;
const protocolVersion = 1001;

/**
 * Opens the format of torch.save before PyTorch 1.6: five pickles (magic number, protocol version, system, object, keys of the storages in
 * order), then each storage as an int64 number of elements and its bytes.
 */
async function openLegacyCheckpoint(file: OpenFile): Promise<OpenedCheckpoint> {
  const head = await file.read(0, Math.min(file.size, largestDescription), 'the pickles');
  const host = new CheckpointHost();
  let position = 0;
  const next = (): unknown => {
    const { value, end } = unpickle(head, position, host);
    position = end;
    return value;
  };
  checkMagic(next(), next());
  checkSystem(next());
  const root = next();
  const storages = storagesInOrder(next(), host);
  const starts = await locate(file, position, storages);
  return {
    root,
    load: async (storage) => (await file.read(startOf(starts, storage), storage.bytes, where(storage))).buffer,
  };
}

function checkMagic(number: unknown, version: unknown): void {
  if (number === magic && version === protocolVersion) return;
  throw new Refusal(
    'a pickle, but not one that torch.save has written',
    'Name a checkpoint that torch.save(model.state_dict(), path) has written.',
  );
}

function checkSystem(system: unknown): void {
  if (system instanceof Map && system.get('little_endian') === true) return;
  throw new Refusal('it does not declare its numbers as little-endian', 'Save it again on a little-endian machine.');
}

function storagesInOrder(keys: unknown, { storages }: CheckpointHost): StorageRecord[] {
  if (!(keys instanceof PickleList)) throw new Refusal('it has no list of storages');
  return keys.items.map((key) => {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (!storage) throw new Refusal(`it lists the storage ${shown(String(key))}, which no tensor uses`);
    return storage;
  });
}

/** Where each storage's bytes start. Walks over the lengths between them, which must match the tensors. */
async function locate(file: OpenFile, position: number, storages: readonly StorageRecord[]) {
  const starts = new Map<StorageRecord, number>();
  for (const storage of storages) {
    const length = new DataView((await file.read(position, 8, where(storage))).buffer).getBigInt64(0, true);
    if (length !== BigInt(storage.length)) {
      throw new Refusal(`${where(storage)} has ${length.toString()} elements, its tensors expect ${storage.length}`);
    }
    if (starts.has(storage)) throw new Refusal(`${where(storage)} is listed twice`);
    starts.set(storage, position + 8);
    position += 8 + storage.bytes;
  }
  return starts;
}

function startOf(starts: ReadonlyMap<StorageRecord, number>, storage: StorageRecord): number {
  const start = starts.get(storage);
  if (start === undefined) throw new Refusal(`${where(storage)} is not in its list of storages`);
  return start;
}

const where = (storage: StorageRecord) => `storage ${shown(storage.key)}`;
