import type { NDArray } from '@oodkit/core';
import { withFile, type OpenFile } from '../files/with-file.ts';
import { describe } from '../pickle/pickle-values.ts';
import { Refusal, withSource } from '../refusal.ts';
import { shown } from '../shown.ts';
import { openLegacyCheckpoint } from './open-legacy-checkpoint.ts';
import { openZipCheckpoint } from './open-zip-checkpoint.ts';
import type { OpenedCheckpoint } from './opened-checkpoint.ts';
import type { StorageRecord } from './storage-record.ts';
import { TensorRecord } from './tensor-record.ts';

/**
 * The named arrays of a PyTorch state_dict, in the file's order: float32, and int64 for num_batches_tracked. Both of
 * torch.save's formats are read, the zip and the one before. Nothing in the file is executed.
 *
 * Memory is that of the arrays: each storage is read once, straight into the buffer that its arrays look at. Arrays
 * that share a storage in the file share it here, so treat them as read-only. Tensors that are not contiguous are copied.
 *
 * @throws OodkitError OOD_MISSING_FILE, or OOD_CHECKPOINT_REFUSED when the file is damaged, of another format or element
 * type, holds anything but tensors by name, or asks for anything to be run.
 */
export async function readCheckpoint(path: string): Promise<Map<string, NDArray>> {
  try {
    return await withFile(path, async (file) => loadAll(await openCheckpoint(file), file.size));
  } catch (error) {
    throw withSource(error, 'OOD_CHECKPOINT_REFUSED', path);
  }
}

async function openCheckpoint(file: OpenFile): Promise<OpenedCheckpoint> {
  const signature = Buffer.from(await file.read(0, Math.min(4, file.size), 'the signature')).toString('latin1');
  if (signature === 'PK\x03\x04') return openZipCheckpoint(file);
  if (signature.startsWith('\x80')) return openLegacyCheckpoint(file);
  throw new Refusal(
    'neither a zip nor a pickle, so not a PyTorch checkpoint',
    'Name a checkpoint that torch.save(model.state_dict(), path) has written.',
  );
}

async function loadAll({ root, load }: OpenedCheckpoint, fileSize: number): Promise<Map<string, NDArray>> {
  const tensors = tensorsByName(root);
  checkCopies([...tensors.values()], fileSize);
  const loaded = new Map<StorageRecord, ArrayBuffer>();
  const arrays = new Map<string, NDArray>();
  for (const [name, tensor] of tensors) {
    const bytes = loaded.get(tensor.storage) ?? (await load(tensor.storage));
    loaded.set(tensor.storage, bytes);
    arrays.set(name, tensor.array(bytes));
  }
  return arrays;
}

function tensorsByName(root: unknown): Map<string, TensorRecord> {
  const fix = 'Save the network alone: torch.save(model.state_dict(), path).';
  if (!(root instanceof Map)) throw new Refusal(`it holds ${describe(root)}, not a dictionary of tensors`, fix);
  const tensors = new Map<string, TensorRecord>();
  for (const [name, value] of root as Map<unknown, unknown>) {
    if (typeof name !== 'string' || !(value instanceof TensorRecord)) {
      throw new Refusal(`its entry "${shown(String(name))}" is ${describe(value)}, not a tensor by name`, fix);
    }
    tensors.set(name, value);
  }
  return tensors;
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
