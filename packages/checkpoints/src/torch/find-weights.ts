import { Refusal, shown } from '../files.ts';
import { describe } from '../pickle/machine.ts';
import { TensorRecord } from './records.ts';

/** Keys under which training scripts save the state_dict next to the optimizer's state: Lightning, PyTorch's tutorial, torchvision's scripts. */
const places = ['state_dict', 'model_state_dict', 'model'];

/** Common names of averages over training steps, and of teachers that are such averages. */
const averaged = /ema|averag|swa|teacher|target|shadow|momentum/i;

type Tensors = ReadonlyMap<string, TensorRecord>;

/** The weights selected from a checkpoint. */
interface FoundWeights {
  readonly tensors: Tensors;
  /** A sentence about other weights that could have been selected. */
  readonly note?: string;
}

/**
 * Finds the tensors of the network in a checkpoint: all named tensors, or those of the only dictionary under `state_dict`,
 * `model_state_dict` or `model`. `wanted` selects others: by a key (`state_dict_ema`, or `ema.module` for a nested one), or by the first
 * word of the names of one of two networks. Everything else is ignored; a note lists other weights.
 *
 * @throws Refusal when there are none, several such dictionaries, none of the wanted name, or if there is anything else among the tensors.
 */
export function findWeights(root: unknown, wanted?: string): FoundWeights {
  const nested = root instanceof Map ? places.filter((place) => root.get(place) instanceof Map) : [];
  const others = weightsBelow(root);
  if (wanted !== undefined && others.has(wanted)) return { tensors: tensorsByName(others.get(wanted)) };
  if (nested.length > 1 && wanted === undefined) {
    throw new Refusal(`it contains ${nested.length} networks, ${listed(nested)}`, choose(nested));
  }
  const [taken = nested[0]] = wanted === undefined ? nested : [];
  const hasTensors = root instanceof Map && [...root.values()].some((value) => value instanceof TensorRecord);
  if (taken === undefined && !hasTensors && others.size > 0) {
    if (wanted !== undefined) throw notThere(wanted, [...others.keys()]);
    throw new Refusal(
      `it has weights under ${listed([...others.keys()])}, which are not among the usual keys`,
      choose([...others.keys()]),
    );
  }
  const tensors = tensorsByName(taken === undefined ? root : (root as Map<unknown, unknown>).get(taken));
  const twins = twinsAmong(tensors);
  if (twins.size > 1 || wanted !== undefined) return ofTwins(tensors, twins, wanted, [...others.keys()]);
  const rest = [...others.keys()].filter((name) => name !== taken);
  return rest.length === 0 || taken === undefined ? { tensors } : { tensors, note: noteOn(taken, rest) };
}

/** Nested dictionaries of named tensors, at most two keys deep: the keys, joined by a dot, → the dictionary. */
function weightsBelow(root: unknown, above = ''): Map<string, unknown> {
  const found = new Map<string, unknown>();
  if (!(root instanceof Map)) return found;
  for (const [key, value] of root as Map<unknown, unknown>) {
    if (typeof key !== 'string' || !(value instanceof Map)) continue;
    if (isWeights(value)) found.set(above + key, value);
    else if (above === '') for (const [name, deeper] of weightsBelow(value, `${key}.`)) found.set(name, deeper);
  }
  return found;
}

/** Whether all values are named tensors, at least one of them a matrix or a kernel, unlike the state of a random generator. */
function isWeights(value: ReadonlyMap<unknown, unknown>): boolean {
  const tensors = [...value].filter(([name, each]) => typeof name === 'string' && each instanceof TensorRecord);
  return tensors.length === value.size && tensors.some(([, each]) => (each as TensorRecord).shape.length > 1);
}

/**
 * Several networks whose names differ in the first word, such as `model.` and `ema_model.`: the same names after that word, the same
 * shapes, and hardly anything else.
 */
function twinsAmong(tensors: Tensors): Map<string, Tensors> {
  const groups = new Map<string, Map<string, TensorRecord>>();
  for (const [name, tensor] of tensors) {
    const word = name.slice(0, Math.max(0, name.indexOf('.')));
    if (!groups.has(word)) groups.set(word, new Map());
    groups.get(word)!.set(name, tensor);
  }
  const bySignature = new Map<string, string[]>();
  for (const [word, group] of groups) {
    if (word === '') continue;
    const parts = [...group].map(([name, { shape }]) => `${name.slice(word.length)}(${shape.join()})`);
    const signature = parts
      .filter((part) => !part.startsWith('.n_averaged'))
      .sort()
      .join(' ')
      .replaceAll('.module.', '.');
    bySignature.set(signature, [...(bySignature.get(signature) ?? []), word]);
  }
  const isMost = (words: readonly string[]) =>
    words.length > 1 && words.reduce((sum, word) => sum + groups.get(word)!.size, 0) >= 0.9 * tensors.size;
  const words = [...bySignature.values()].find(isMost) ?? [];
  return new Map(words.map((word) => [word, groups.get(word)!]));
}

function ofTwins(
  tensors: Tensors,
  twins: ReadonlyMap<string, Tensors>,
  wanted: string | undefined,
  others: readonly string[],
): FoundWeights {
  const words = [...twins.keys()];
  if (wanted !== undefined) {
    const chosen = twins.get(wanted) ?? new Map([...tensors].filter(([name]) => name.startsWith(`${wanted}.`)));
    if (chosen.size === 0) throw notThere(wanted, [...words, ...others]);
    return { tensors: chosen };
  }
  const plain = words.filter((word) => !averaged.test(word));
  if (plain.length !== 1) throw new Refusal(`it contains ${words.length} networks, ${listed(words)}`, choose(words));
  const rest = words.filter((word) => word !== plain[0]);
  return { tensors: twins.get(plain[0]!)!, note: noteOn(plain[0]!, rest) };
}

const listed = (names: readonly string[]) => names.map((name) => `"${shown(name)}"`).join(' and ');

const choose = (names: readonly string[]) =>
  `Choose one with "state", such as state: ${shown(names[0]!)}; or save only the one you need: torch.save(checkpoint["…"], path).`;

const noteOn = (taken: string, rest: readonly string[]) =>
  `it has weights under ${listed([taken, ...rest])}; "${shown(taken)}" was used, "state: ${shown(rest[0]!)}" uses the other${rest.length > 1 ? 's' : ''}`;

const notThere = (wanted: string, names: readonly string[]) =>
  new Refusal(
    `it has no weights under "${shown(wanted)}"`,
    names.length === 0
      ? 'Remove "state": the file contains only one network.'
      : `Set "state" to one of: ${names.map(shown).join(', ')}.`,
  );

function tensorsByName(weights: unknown): Map<string, TensorRecord> {
  const fix = 'Save only the weights: torch.save(model.state_dict(), path).';
  if (!(weights instanceof Map))
    throw new Refusal(`it contains ${describe(weights)}, not a dictionary of tensors`, fix);
  const tensors = new Map<string, TensorRecord>();
  for (const [name, value] of weights as Map<unknown, unknown>) {
    if (typeof name !== 'string' || !(value instanceof TensorRecord)) {
      throw new Refusal(`its entry "${shown(String(name))}" is ${describe(value)}, not a named tensor`, fix);
    }
    checkType(name, value);
    tensors.set(name, value);
  }
  return tensors;
}

function checkType(name: string, { storage: { type } }: TensorRecord): void {
  if (type.decode) return;
  throw new Refusal(`its tensor "${shown(name)}" has ${type.name} numbers`, 'Convert it to float32: tensor.float().');
}
