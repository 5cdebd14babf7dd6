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
 * The named arrays of a network's weights, in the file's order: float32, and int64 for num_batches_tracked. Read are both
 * formats of torch.save, the zip and the one before, and safetensors; the first bytes tell which, never the file's name.
 * The tensors may lie under `state_dict`, `model_state_dict` or `model` of a training checkpoint; what is beside them is
 * passed over, and other weights among it, such as averages over training (EMA), are told of. Nothing in the file is executed.
 *
 * float16 and bfloat16 become the equal float32, bit for bit what PyTorch's `.float()` gives; float64 is rounded to the
 * nearest float32, ties to even, as it does too.
 *
 * Memory is that of the arrays: each storage is read once, and float32 straight into the buffer that its arrays look at.
 * Arrays that share a storage in the file share it here, so treat them as read-only. Tensors that are not contiguous are
 * copied.
 *
 * @throws FaroutError OOD_MISSING_FILE, or OOD_CHECKPOINT_REFUSED when the file is damaged, of another format or element
 * type, holds no tensors by name, or asks for anything to be run.
 */
export async function readCheckpoint(path: string, options: WhichWeights = {}): Promise<Map<string, NDArray>> {
  try {
    return await withFile(path, async (file) => loadAll(await openCheckpoint(file), file.size, options));
  } catch (error) {
    throw withSource(error, 'OOD_CHECKPOINT_REFUSED', path);
  }
}

/** Which weights of several are read, and who is told that there are several. */
export interface WhichWeights {
  /** The key of the weights, `state_dict_ema`, or the word that their names begin with. */
  readonly state?: string | undefined;
  readonly onNote?: (sentence: string) => void;
}

async function openCheckpoint(file: OpenFile): Promise<OpenedCheckpoint> {
  const start = Buffer.from(await file.read(0, Math.min(9, file.size), 'the signature')).toString('latin1');
  if (start.startsWith('PK\x03\x04')) return openZipCheckpoint(file);
  // Before pickles: a header's length may begin with their first byte, but torch.save never has "{" as its ninth.
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

/** Why a file is no checkpoint, where its first bytes tell what it is instead. */
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

/** A few bytes can describe any number of huge tensors over one storage; real ones copy next to nothing. */
function checkCopies(tensors: readonly TensorRecord[], fileSize: number): void {
  const copied = tensors.reduce((sum, tensor) => sum + tensor.copiedBytes, 0);
  if (copied <= fileSize) return;
  throw new Refusal(
    `its tensors that are not contiguous would take ${copied} bytes, more than the file's ${fileSize}`,
    'Save contiguous tensors: { name: tensor.contiguous() for each of them }.',
  );
}

/**
 * Opens what torch.save writes since PyTorch 1.6: a zip with one folder, in it data.pkl, a file data/<key> for each
 * storage and, since 2.1, byteorder.
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

/** The number that torch.save puts first. */
const magic = 0x1950a86a20f9469cfc6cn;
const protocolVersion = 1001;

/**
 * Opens what torch.save wrote before PyTorch 1.6: five pickles (magic number, protocol version, system, object, keys of
 * the storages in order), then each storage as an int64 number of elements and its bytes.
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

/** Where each storage's bytes start. Walks over the lengths between them, which must be those that the tensors expect. */
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
