import { Refusal, shown } from '../files.ts';
import { describe, OpaqueGlobal, PickleGlobal, PickleList, setItem, type PickleHost } from '../pickle/machine.ts';
import { elementTypes, StorageRecord, TensorRecord, type ElementType } from './records.ts';

/** What the pickle of a checkpoint can refer to: an allow-list of globals, and storages by key. */
export class CheckpointHost implements PickleHost {
  /** The storages that the pickle has named so far. */
  readonly storages = new Map<string, StorageRecord>();
  readonly global = torchGlobal;

  /** ('storage', class, key, device, length[, view]); a repeated key means the same storage. */
  readonly persistent = (id: unknown): StorageRecord => {
    if (!Array.isArray(id) || id[0] !== 'storage') {
      throw new Refusal(`it refers to ${describe(Array.isArray(id) ? id[0] : id)} where a storage is expected`);
    }
    const [, storageClass, key, , length, view] = id as unknown[];
    if (!(storageClass instanceof StorageClass) || typeof key !== 'string' || !isLength(length)) {
      throw new Refusal(`a storage is described by ${[storageClass, key, length].map(describe).join(', ')}`);
    }
    if (view !== null && view !== undefined) throw new Refusal(`storage ${shown(key)} is a view on another storage`);
    return this.#same(new StorageRecord(key, storageClass.type, length));
  };

  #same(storage: StorageRecord): StorageRecord {
    const known = this.storages.get(storage.key);
    if (!known) this.storages.set(storage.key, storage);
    else if (known.type !== storage.type || known.length !== storage.length) {
      throw new Refusal(`storage ${shown(storage.key)} is described in two ways`);
    }
    return known ?? storage;
  }
}

const isLength = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** A class of storages, such as `torch.FloatStorage`; represents the element type. */
class StorageClass extends PickleGlobal {
  readonly type: ElementType;

  constructor(name: string, type: ElementType) {
    super(name);
    this.type = type;
  }
}

const { float32, float64, float16, bfloat16, int64, int32, int16, int8, uint8, bool, complex64, complex128 } =
  elementTypes;

/** Everything that weights can name. */
const ofWeights = [
  new PickleGlobal('collections.OrderedDict', orderedDictionary),
  new PickleGlobal('torch._utils._rebuild_tensor_v2', rebuildTensor),
  new PickleGlobal('torch._utils._rebuild_parameter', rebuildParameter),
  new StorageClass('torch.FloatStorage', float32),
  new StorageClass('torch.DoubleStorage', float64),
  new StorageClass('torch.HalfStorage', float16),
  new StorageClass('torch.BFloat16Storage', bfloat16),
  new StorageClass('torch.LongStorage', int64),
  new StorageClass('torch.IntStorage', int32),
  new StorageClass('torch.ShortStorage', int16),
  new StorageClass('torch.CharStorage', int8),
  new StorageClass('torch.ByteStorage', uint8),
  new StorageClass('torch.BoolStorage', bool),
  new StorageClass('torch.ComplexFloatStorage', complex64),
  new StorageClass('torch.ComplexDoubleStorage', complex128),
];

/**
 * What training scripts save with the weights: their arguments, the milestones of a learning rate, the best accuracy as a numpy scalar.
 * Only the class of such values is kept, none of their content.
 */
const besideWeights = [
  'argparse.Namespace',
  'collections.Counter',
  'pathlib.PosixPath',
  'pathlib._local.PosixPath',
  'torch.Size',
  'torch.device',
  'numpy.dtype',
  'numpy.core.multiarray.scalar',
  'numpy._core.multiarray.scalar',
  '_codecs.encode',
  ...Object.values(elementTypes).map(({ name }) => `torch.${name}`),
].map((name) => new OpaqueGlobal(name));

const allowed = new Map([...ofWeights, ...besideWeights].map((global) => [global.name, global]));

/**
 * Resolves a global of a checkpoint.
 *
 * @throws Refusal, naming it, when it is not one of those needed for weights and for what training scripts save with them.
 */
function torchGlobal(name: string): PickleGlobal {
  const global = allowed.get(name);
  if (global) return global;
  throw new Refusal(
    `it refers to ${shown(name)}, which tensors do not need and which is never run`,
    'If you trust its source, load it with PyTorch and save only model.state_dict(); if not, delete it.',
  );
}

/** Python 3 writes `OrderedDict()` and sets the keys afterwards; Python 2 passes a list of lists [key, value]. */
function orderedDictionary([pairs, ...more]: readonly unknown[]): Map<unknown, unknown> {
  const dictionary = new Map<unknown, unknown>();
  if (pairs === undefined) return dictionary;
  if (!(pairs instanceof PickleList) || more.length > 0) {
    throw new Refusal(`an OrderedDict is made of ${describe(pairs)}`);
  }
  // Removed from the list, so that a pickle cannot multiply one list by referring to it repeatedly.
  for (const pair of pairs.items.splice(0)) {
    if (!(pair instanceof PickleList) || pair.items.length !== 2) {
      throw new Refusal(`an OrderedDict has ${describe(pair)} for an item`);
    }
    setItem(dictionary, pair.items[0], pair.items[1]);
  }
  return dictionary;
}

/** (storage, offset, shape, strides, requires_grad, hooks[, metadata]): only the first four determine the numbers. */
function rebuildTensor([storage, offset, shape, strides]: readonly unknown[]): TensorRecord {
  return new TensorRecord(storage, offset, shape, strides);
}

/** (tensor, requires_grad, hooks). */
function rebuildParameter([tensor]: readonly unknown[]): TensorRecord {
  if (!(tensor instanceof TensorRecord)) throw new Refusal(`a Parameter is made of ${describe(tensor)}`);
  return tensor;
}
