import type { NDArray } from '@farout/core';
import { withFile, type OpenFile } from '../files.ts';
import { impostor, otherThanCheckpoint } from '../impostor.ts';
import { Refusal, withSource } from '../refusal.ts';
import { openSafetensors } from '../safetensors.ts';
import type { Elements } from './element-types.ts';
import { findWeights } from './find-weights.ts';
import { openLegacyCheckpoint, openZipCheckpoint } from './formats.ts';
import type { OpenedCheckpoint, StorageRecord, TensorRecord } from './records.ts';

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
    'neither a zip nor a pickle nor safetensors, so not a checkpoint that is read',
    'Name one that torch.save(model.state_dict(), path) or safetensors has written.',
  );
}

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
