import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { ListedSplit, Part, Split } from '../experiment.ts';
import type { Definitions, NamedKind } from '../plugins/catalogue.ts';
import type { Faults } from './faults.ts';
import { isIncomplete, type MapNode, type WrittenPart } from './node.ts';
import { checkParameters } from './parameters.ts';
import { fitKey, isSplitByKey, learnsFromKey, splitKey, splitSchema, type WrittenSplit } from './schema.ts';

/** The kinds of parts that have parameters of their own. */
export type ParametricKind = Exclude<NamedKind, 'metric'>;

/** A part without the reserved keys of its kind, and the values of those keys. */
type Taken = { readonly part: WrittenPart } & Pick<Part<unknown>, 'split' | 'fit'>;

/** Extracts `split` from a dataset and `fit` from a part that learns, unless they are its own parameters. Undefined if faulty. */
export async function takeReserved(
  kind: ParametricKind,
  definition: Definitions[ParametricKind],
  written: WrittenPart,
  faults: Faults,
): Promise<Taken | undefined> {
  if (kind === 'dataset' && isSplitByKey(definition)) return takeSplit(written, faults);
  if (learnsFromKey(kind, definition)) return takeFit(written, faults);
  return { part: written };
}

/** A part without one of its keys. */
function withoutKey(written: WrittenPart, key: string): WrittenPart {
  const entries = new Map(written.params!.entries);
  entries.delete(key);
  return { ...written, params: { ...written.params!, entries } };
}

/** Extracts the name of the dataset that only this part learns from. */
function takeFit(written: WrittenPart, faults: Faults): Taken | undefined {
  const entry = written.params?.entries.get(fitKey);
  if (!entry) return { part: written };
  const { value } = entry;
  if (value.kind === 'scalar' && typeof value.value === 'string' && value.value !== '' && !value.incomplete)
    return { part: withoutKey(written, fitKey), fit: value.value };
  if (!isIncomplete(value))
    faults.add('OOD_BAD_PARAMETER', value.place, `"${fitKey}" of ${written.name} must be the name of a dataset`, {
      fix: `For example: ${written.name}: { fit: validation }.`,
    });
  return undefined;
}

async function takeSplit(written: WrittenPart, faults: Faults): Promise<Taken | undefined> {
  const entry = written.params?.entries.get(splitKey);
  if (!entry) return { part: written };
  const part = withoutKey(written, splitKey);
  const { value, keyPlace } = entry;
  if (value.kind !== 'map') {
    faults.add('OOD_BAD_PARAMETER', value.place, `"${splitKey}" of ${written.name} must be a map`, {
      fix: 'For example: split: { every: 2, offset: 0 }, or split: { share: 0.5, seed: 0 }.',
    });
    return undefined;
  }
  const params = await checkParameters(splitSchema, { name: splitKey, place: keyPlace, params: value }, faults);
  if (!params) return undefined;
  const split = splitOf(params as WrittenSplit);
  return { part, split: 'list' in split ? await withList(split, value, faults) : split };
}

function splitOf(written: WrittenSplit): Split | ListedSplit {
  const { every, offset = 0, share, from = 0, perClass, seed = 0, list, rest } = written;
  if (every !== undefined) return { every, offset };
  if (list !== undefined) return { list, ...(rest && { rest }) };
  return perClass === undefined ? { share: share!, from, seed } : { perClass, seed, ...(rest && { rest }) };
}

/** A list is named relative to the experiment's file. A missing list is recorded. */
async function withList(split: ListedSplit, { entries, folder }: MapNode, faults: Faults): Promise<ListedSplit> {
  const node = entries.get('list')?.value;
  const list = path.resolve(node?.folder ?? folder, split.list);
  const isThere = await stat(list).then(
    (stats) => stats.isFile(),
    () => false,
  );
  if (!isThere && node)
    faults.add('OOD_MISSING_FILE', node.place, `there is no file ${list}`, {
      fix: `Correct "list", a path relative to ${node.folder}.`,
      missing: list,
    });
  return { ...split, list };
}
