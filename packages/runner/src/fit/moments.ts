import {
  FaroutError,
  type FitContext,
  type Learnt,
  type MomentsOptions,
  type RowBatch,
  type RowStream,
} from '@farout/core';
import {
  classMomentsOf,
  momentsOf,
  type LabelledBlock,
  type MomentsOfClasses,
  type MomentsOfRows,
} from '@farout/linalg';
import { hostCode } from '../plugins/code.ts';
import { hashData } from '../store/entries.ts';
import type { LearntStore } from './learnt.ts';
import { rowsKey, type RowPlan } from './rows.ts';

/** Rows whose moments may be requested, and where moments are cached. */
export interface MomentsSource {
  readonly rows: RowStream;
  readonly plan: RowPlan;
  /** Identifies the set and the features of its images. */
  readonly fingerprint: string;
  readonly classes: number;
  readonly learnt: LearntStore;
}

/** Returns moments of rows from the cache, or computes and caches them. */
export function sharedMoments(source: MomentsSource): Pick<FitContext, 'moments' | 'classMoments'> {
  return {
    moments: async (of, options) => {
      const { count, mean, covariance } = await find(source, of, 0, options);
      return { count: count![0]!, mean: mean!, covariance: covariance! };
    },
    classMoments: async (of, options) => {
      const found = await find(source, of, source.classes, options);
      const { count, mean, covariance, classCounts, classMeans, withinClass } = found;
      const all = { classCounts: classCounts!, classMeans: classMeans!, withinClass: withinClass! };
      return { count: count![0]!, mean: mean!, covariance: covariance!, ...all };
    },
  };
}

type Arrays = Readonly<Record<string, Float64Array>>;

/** `classes` is 0 if no class moments are wanted. */
async function find(
  source: MomentsSource,
  of: string,
  classes: number,
  { normalised = false }: MomentsOptions = {},
): Promise<Arrays> {
  const { plan, fingerprint, learnt } = source;
  if (!plan.reads.includes(of) || of === 'labels') throw unread(of);
  if (classes > 0 && !plan.reads.includes('labels')) throw unread('labels');
  const key = hashData([hostCode(), 'moments', fingerprint, rowsKey(plan, of), classes, normalised]);
  const known = await learnt.find(key);
  const moments = known ?? (await workOut(source, of, classes, normalised));
  if (!known) await learnt.add(key, moments);
  return Object.fromEntries(Object.entries(moments).map(([name, { data }]) => [name, data as Float64Array]));
}

const unread = (name: string) =>
  new FaroutError('OOD_DETECTOR_FAILED', `it requests moments of ${name}, which it does not read`, {
    fix: `Declare it: learnsFrom(['${name}', …], …).`,
  });

async function workOut({ rows }: MomentsSource, of: string, classes: number, normalised: boolean): Promise<Learnt> {
  const found = await (classes > 0
    ? classMomentsOf(blocks(rows, of), classes, normalised)
    : momentsOf(blocks(rows, of), normalised));
  const vector = (values: Float64Array) => ({ data: values, shape: [values.length] });
  return {
    count: vector(Float64Array.of(found.count)),
    mean: vector(found.mean),
    covariance: vector(found.covariance.data),
    ...(isOfClasses(found) && {
      classCounts: vector(found.classCounts),
      classMeans: vector(found.classMeans.data),
      withinClass: vector(found.withinClass.data),
    }),
  };
}

const isOfClasses = (found: MomentsOfRows | MomentsOfClasses): found is MomentsOfClasses => 'classMeans' in found;

async function* blocks(stream: RowStream, of: string): AsyncGenerator<LabelledBlock> {
  for await (const batch of stream) {
    yield { ...batch[of]!, labels: (batch as RowBatch<'labels'>).labels };
  }
}
