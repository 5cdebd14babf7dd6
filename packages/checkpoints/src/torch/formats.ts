import type { OpenFile } from '../files.ts';
import { unpickle } from '../pickle/unpickle.ts';
import { PickleList } from '../pickle/values.ts';
import { Refusal, shown } from '../refusal.ts';
import { StoredZip } from '../zip.ts';
import { CheckpointHost } from './host.ts';
import { largestDescription, type OpenedCheckpoint, type StorageRecord } from './records.ts';

/**
 * Opens what torch.save writes since PyTorch 1.6: a zip with one folder, in it data.pkl, a file data/<key> for each
 * storage and, since 2.1, byteorder.
 */
export async function openZipCheckpoint(file: OpenFile): Promise<OpenedCheckpoint> {
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
export async function openLegacyCheckpoint(file: OpenFile): Promise<OpenedCheckpoint> {
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
  throw new Refusal('it does not say that its numbers are little-endian', 'Save it again on a little-endian machine.');
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
