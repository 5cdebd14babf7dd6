import type { OpenFile } from '../files.ts';
import { unpickle } from '../pickle/unpickle.ts';
import { PickleList } from '../pickle/values.ts';
import { Refusal } from '../refusal.ts';
import { shown } from '../shown.ts';
import { CheckpointHost } from './checkpoint-host.ts';
import { largestDescription, type OpenedCheckpoint } from './opened-checkpoint.ts';
import type { StorageRecord } from './storage-record.ts';

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
  checkByteOrder(next());
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

function checkByteOrder(system: unknown): void {
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
