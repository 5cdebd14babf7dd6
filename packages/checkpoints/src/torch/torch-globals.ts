import { setItem } from '../pickle/pickle-machine.ts';
import { describe, PickleGlobal, PickleList } from '../pickle/pickle-values.ts';
import { Refusal } from '../refusal.ts';
import { shown } from '../shown.ts';
import { elementTypes, type ElementType } from './storage-record.ts';
import { TensorRecord } from './tensor-record.ts';

/** A class of storages, `torch.FloatStorage`: stands for the type of its elements. */
export class StorageClass extends PickleGlobal {
  readonly type: ElementType;

  constructor(name: string, type: ElementType) {
    super(name);
    this.type = type;
  }
}

/** All that a state_dict may name. */
const allowed = new Map(
  [
    new PickleGlobal('collections.OrderedDict', orderedDictionary),
    new PickleGlobal('torch._utils._rebuild_tensor_v2', rebuildTensor),
    new PickleGlobal('torch._utils._rebuild_parameter', rebuildParameter),
    new StorageClass('torch.FloatStorage', elementTypes.float32),
    new StorageClass('torch.LongStorage', elementTypes.int64),
  ].map((global) => [global.name, global]),
);

/** Storages of element types that are not read. */
const otherTypes = new Map([
  ['torch.DoubleStorage', 'float64'],
  ['torch.HalfStorage', 'float16'],
  ['torch.BFloat16Storage', 'bfloat16'],
  ['torch.IntStorage', 'int32'],
  ['torch.ShortStorage', 'int16'],
  ['torch.CharStorage', 'int8'],
  ['torch.ByteStorage', 'uint8'],
  ['torch.BoolStorage', 'bool'],
  ['torch.ComplexFloatStorage', 'complex64'],
  ['torch.ComplexDoubleStorage', 'complex128'],
]);

/**
 * What a global of a checkpoint stands for.
 *
 * @throws Refusal, naming it, when it is not one of those that a state_dict of float32 and int64 tensors is made of.
 */
export function torchGlobal(name: string): PickleGlobal {
  const global = allowed.get(name);
  if (global) return global;
  const type = otherTypes.get(name);
  if (type) throw new Refusal(`it holds ${type} numbers (${name})`, 'Convert it to float32: model.float().');
  throw new Refusal(
    `it asks for ${shown(name)}, which is not needed to describe tensors and is never run`,
    'If you trust its source, load it with PyTorch and save model.state_dict() alone; if not, delete it.',
  );
}

/** Python 3 writes `OrderedDict()` and sets the keys afterwards, Python 2 gives a list of lists [key, value]. */
function orderedDictionary([pairs, ...more]: readonly unknown[]): Map<unknown, unknown> {
  const dictionary = new Map<unknown, unknown>();
  if (pairs === undefined) return dictionary;
  if (!(pairs instanceof PickleList) || more.length > 0) {
    throw new Refusal(`an OrderedDict is made of ${describe(pairs)}`);
  }
  // Taken out of the list, so that a pickle cannot multiply one list by naming it again and again.
  for (const pair of pairs.items.splice(0)) {
    if (!(pair instanceof PickleList) || pair.items.length !== 2) {
      throw new Refusal(`an OrderedDict has ${describe(pair)} for an item`);
    }
    setItem(dictionary, pair.items[0], pair.items[1]);
  }
  return dictionary;
}

/** (storage, offset, shape, strides, requires_grad, hooks[, metadata]): only the first four make numbers. */
function rebuildTensor([storage, offset, shape, strides]: readonly unknown[]): TensorRecord {
  return new TensorRecord(storage, offset, shape, strides);
}

/** (tensor, requires_grad, hooks). */
function rebuildParameter([tensor]: readonly unknown[]): TensorRecord {
  if (!(tensor instanceof TensorRecord)) throw new Refusal(`a Parameter is made of ${describe(tensor)}`);
  return tensor;
}
