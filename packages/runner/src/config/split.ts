import { z, type DatasetDefinition } from '@farout/core';
import type { Split } from '../experiment.ts';
import { checkParameters } from './parameters.ts';
import type { Mistakes } from './faults.ts';
import type { WrittenPart } from './read-part.ts';

/** The key by which every dataset takes a part of its images; a dataset that has such a parameter of its own keeps that. */
export const splitKey = 'split';

/** What stands behind `split:`. */
export const splitSchema = z
  .object({
    every: z.int().min(2).optional().describe('takes one image of so many, in their order'),
    offset: z.int().min(0).optional().describe('which one, counted from 0; 0 when absent'),
    share: z.number().gt(0).max(1).optional().describe('takes this share of the images, drawn by their names'),
    from: z.number().min(0).lt(1).optional().describe('where the share begins: shares that do not meet are disjoint'),
    seed: z.int().min(0).optional().describe('another seed draws others; 0 when absent'),
  })
  .superRefine((split, context) => {
    const fault = faultOf(split as Written);
    if (fault) context.addIssue({ code: 'custom', path: [], message: fault });
  })
  .describe('takes a part of the images: { every: 2, offset: 0 }, or { share: 0.5, from: 0, seed: 0 }');

type Written = Readonly<Record<'every' | 'offset' | 'share' | 'from' | 'seed', number | undefined>>;

function faultOf({ every, offset, share, from = 0, seed }: Written): string | undefined {
  if ((every === undefined) === (share === undefined)) return 'takes either "every" or "share"';
  if (every === undefined && offset !== undefined) return '"offset" belongs to "every"';
  if (share === undefined && (from !== 0 || seed !== undefined)) return '"from" and "seed" belong to "share"';
  if (every !== undefined && (offset ?? 0) >= every) return `"offset" counts from 0 to ${every - 1}`;
  if (share !== undefined && from + share > 1 + 1e-9) return '"from" and "share" are more than 1 together';
  return undefined;
}

/** Whether a dataset is split by the experiment, and not by a parameter of its own. */
export const isSplitByKey = ({ params }: Pick<DatasetDefinition, 'params'>): boolean =>
  !Object.hasOwn(params.shape, splitKey);

/** A dataset as it is written, without its split, and that one; undefined when it is wrong, which is noted. */
export async function takeSplit(
  written: WrittenPart,
  mistakes: Mistakes,
): Promise<{ readonly part: WrittenPart; readonly split: Split | undefined } | undefined> {
  const entry = written.params?.entries.get(splitKey);
  if (!written.params || !entry) return { part: written, split: undefined };
  const entries = new Map(written.params.entries);
  entries.delete(splitKey);
  const part = { ...written, params: { ...written.params, entries } };
  const { value, keyPlace } = entry;
  if (value.kind !== 'map') {
    mistakes.add('OOD_BAD_PARAMETER', value.place, `"${splitKey}" of ${written.name} must be a map`, {
      fix: 'For example: split: { every: 2, offset: 0 }, or split: { share: 0.5, seed: 0 }.',
    });
    return undefined;
  }
  const params = await checkParameters(splitSchema, { name: splitKey, place: keyPlace, params: value }, mistakes);
  return params && { part, split: splitOf(params as Written) };
}

const splitOf = ({ every, offset = 0, share, from = 0, seed = 0 }: Written): Split =>
  every === undefined ? { share: share!, from, seed } : { every, offset };
