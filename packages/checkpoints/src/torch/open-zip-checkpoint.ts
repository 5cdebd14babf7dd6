import type { OpenFile } from '../files.ts';
import { unpickle } from '../pickle/unpickle.ts';
import { Refusal } from '../refusal.ts';
import { shown } from '../shown.ts';
import { StoredZip } from '../zip.ts';
import { CheckpointHost } from './checkpoint-host.ts';
import { largestDescription, type OpenedCheckpoint } from './opened-checkpoint.ts';
import type { StorageRecord } from './storage-record.ts';

/**
 * Opens what torch.save writes since PyTorch 1.6: a zip with one folder, in it data.pkl, a file data/<key> for each
 * storage and, since 2.1, byteorder.
 */
export async function openZipCheckpoint(file: OpenFile): Promise<OpenedCheckpoint> {
  const zip = await StoredZip.open(file);
  const folder = folderOf(zip);
  await checkByteOrder(zip, `${folder}/byteorder`);
  const size = zip.size(`${folder}/data.pkl`) ?? 0;
  if (size > largestDescription)
    throw new Refusal(`its pickle has ${size} bytes, more than the ${largestDescription} that are read`);
  const { value: root } = unpickle(await zip.read(`${folder}/data.pkl`), 0, new CheckpointHost());
  return { root, load: (storage) => load(zip, `${folder}/data/${storage.key}`, storage) };
}

function folderOf(zip: StoredZip): string {
  const folders = zip.names.flatMap((name) => /^([^/]+)\/data\.pkl$/.exec(name)?.[1] ?? []);
  if (folders.length === 1) return folders[0]!;
  throw new Refusal(
    `a zip with ${folders.length} pickles named data.pkl, where a checkpoint has one`,
    'Name a checkpoint that torch.save(model.state_dict(), path) has written.',
  );
}

async function checkByteOrder(zip: StoredZip, name: string): Promise<void> {
  if (zip.size(name) === undefined) return;
  const order = Buffer.from(await zip.read(name)).toString('latin1');
  if (order !== 'little') {
    throw new Refusal(`its numbers have the byte order "${shown(order)}"`, 'Save it again on a little-endian machine.');
  }
}

async function load(zip: StoredZip, name: string, storage: StorageRecord): Promise<ArrayBuffer> {
  const size = zip.size(name);
  if (size !== undefined && size !== storage.bytes) {
    throw new Refusal(`entry "${shown(name)}" has ${size} bytes, its tensors expect ${storage.bytes}`);
  }
  return (await zip.read(name)).buffer;
}
