import { describe } from '../pickle/pickle-values.ts';
import { Refusal } from '../refusal.ts';
import { shown } from '../shown.ts';
import { TensorRecord } from './tensor-record.ts';

/** Where training scripts keep the state_dict beside the optimizer's state: Lightning, PyTorch's tutorial, torchvision's scripts. */
const places = ['state_dict', 'model_state_dict', 'model'];

/**
 * The tensors of the network that a checkpoint holds: all that it has by name, or those of the one dictionary under
 * `state_dict`, `model_state_dict` or `model`. What stands beside that dictionary is passed over.
 *
 * @throws Refusal when there are none, several such dictionaries, or anything else among the tensors.
 */
export function findWeights(root: unknown): Map<string, TensorRecord> {
  const nested = root instanceof Map ? places.filter((place) => root.get(place) instanceof Map) : [];
  if (nested.length > 1) {
    throw new Refusal(
      `it holds ${nested.length} networks, ${nested.map((place) => `"${place}"`).join(' and ')}`,
      'Save the one that you mean alone: torch.save(checkpoint["…"], path).',
    );
  }
  return tensorsByName(nested.length === 1 ? (root as Map<unknown, unknown>).get(nested[0]) : root);
}

function tensorsByName(weights: unknown): Map<string, TensorRecord> {
  const fix = 'Save the network alone: torch.save(model.state_dict(), path).';
  if (!(weights instanceof Map)) throw new Refusal(`it holds ${describe(weights)}, not a dictionary of tensors`, fix);
  const tensors = new Map<string, TensorRecord>();
  for (const [name, value] of weights as Map<unknown, unknown>) {
    if (typeof name !== 'string' || !(value instanceof TensorRecord)) {
      throw new Refusal(`its entry "${shown(String(name))}" is ${describe(value)}, not a tensor by name`, fix);
    }
    checkType(name, value);
    tensors.set(name, value);
  }
  return tensors;
}

function checkType(name: string, { storage: { type } }: TensorRecord): void {
  if (type.decode) return;
  throw new Refusal(`its tensor "${shown(name)}" holds ${type.name} numbers`, 'Convert it to float32: tensor.float().');
}
