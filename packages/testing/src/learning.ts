import assert from 'node:assert/strict';
import {
  traceHooks,
  traceReadings,
  withSeed,
  type Compiled,
  type Fit,
  type FitContext,
  type HookDefinition,
  type Learnt,
  type PartContext,
  type RowContext,
  type RowBatch,
  type Rows,
  type RowStream,
} from '@farout/core';
import { classMomentsOf, momentsOf, type LabelledBlock } from '@farout/linalg';
import { writeOnnx } from '@farout/onnx';
import { openSession, type Arrays, type Session } from '@farout/runtime';
import type { NDArray, Tensor } from '@farout/tensor';
import { computed, imagesOf, networkTensors } from './network.ts';
import type { Configured } from './parameters.ts';
import { generatedSample, headInputOf, sliceSample, type Sample } from './sample.ts';
import { inBatches, type Cut, type NamedRows } from './streams.ts';

/** The common part of scorers and hooks. */
export type PartDefinition = Pick<HookDefinition, 'name' | 'params' | 'readings' | 'readingsAfter' | 'fit' | 'draws'>;

/** A scorer or hook under test, with its parameters. */
export interface Subject extends Configured {
  readonly definition: PartDefinition;
  /** What a row scorer reads while scoring. */
  readonly scores?: readonly string[];
  /** Its result for a sample: a scorer's scores (N), or the logits (N, K) of a network with the hook. */
  readonly compute: (sample: Sample, fitted: Fitted) => Promise<NDArray>;
}

/** A part that has learnt; {} if there is nothing to learn. */
export interface Fitted {
  readonly learnt: Learnt;
  /** What a row scorer can use. */
  readonly at: RowContext;
}

/** How a part learns in a test. */
export interface Learning {
  readonly cut?: Cut;
  readonly seed?: number;
}

/** The learning steps of a part with its parameters. */
export function stepsOf({ definition, params }: Subject): readonly Fit[] {
  const steps = definition.fit?.(params) ?? [];
  return 'learn' in steps ? [steps] : steps;
}

/** Lets a part learn from a sample, step by step; by default in batches of five images and with seed 0. */
export async function learn(
  subject: Subject,
  sample: Sample,
  { cut = inBatches(5), seed = 0 }: Learning = {},
): Promise<Fitted> {
  const steps = stepsOf(subject);
  const sessions: Session[] = [];
  let learnt: Learnt = {};
  const at = contextOf(sample);
  const seeded = <T extends object>(context: T) => withSeed(context, seed, subject.definition);
  for (const step of steps) {
    const own = samplesOf(step, sample);
    const rows = cut(await namedRows(subject, own, step.reads, learnt), own.labels.length);
    const other = sample.against ?? otherSample();
    const against =
      step.against === undefined
        ? nothing
        : cut(await namedRows(subject, other, step.reads, learnt), other.labels.length);
    const moments = momentsFrom(rows, at.classes);
    const context = seeded({ ...at, ...moments, learnt, against, compile: compiler(sessions) });
    learnt = { ...learnt, ...(await step.learn(rows, context)) };
  }
  await Promise.all(sessions.map((session) => session.release()));
  const keeper = steps.find(({ keeps }) => keeps);
  const own = samplesOf(keeper, sample);
  const bank = cut(await namedRows(subject, own, keeper?.reads ?? [], learnt), keeper ? own.labels.length : 0);
  return { learnt, at: seeded({ ...at, learnt, bank }) };
}

/** The images that a step learns from; different ones, and a different number, if it names its own set. */
const samplesOf = ({ set }: Partial<Fit> = {}, sample: Sample): Sample =>
  set === undefined ? sample : (sample.sets?.[set] ?? sliceSample(generatedSample(6), 0, 30));

/** Images that a step learns to distinguish from the fit set. */
const otherSample = () => generatedSample(4);

const nothing = inBatches(1)({}, 0);

const contextOf = ({ head }: Sample): Omit<PartContext, 'seed'> => ({
  head,
  classes: head.bias.data.length,
  learnt: {},
  // What a row scorer compiles while it prepares lives as long as its test.
  compile: compiler([]),
  signal: new AbortController().signal,
});

/** The moments of the rows that a step reads, computed each time: tests do not cache them. */
const momentsFrom = (rows: RowStream, classes: number): Pick<FitContext, 'moments' | 'classMoments'> => ({
  moments: async (of, { normalised } = {}) => {
    const { count, mean, covariance } = await momentsOf(blocks(rows, of), normalised);
    return { count, mean, covariance: covariance.data };
  },
  classMoments: async (of, { normalised } = {}) => {
    const found = await classMomentsOf(blocks(rows, of), classes, normalised);
    const { covariance, classMeans, withinClass } = found;
    return { ...found, covariance: covariance.data, classMeans: classMeans.data, withinClass: withinClass.data };
  },
});

async function* blocks(stream: RowStream, of: string): AsyncGenerator<LabelledBlock> {
  for await (const batch of stream) {
    const rows = batch[of];
    assert.ok(rows, `it asks for moments of "${of}", which it does not read`);
    yield { ...rows, labels: (batch as RowBatch<'labels'>).labels };
  }
}

/** Compiles as the host does; the owner of `sessions` must release them. */
const compiler =
  (sessions: Session[]) =>
  async (outputs: Readonly<Record<string, Tensor>>): Promise<Compiled> => {
    const session = await openSession(writeOnnx(outputs), { threads: 1 });
    sessions.push(session);
    return (inputs) => session.run(inputs);
  };

/** The named rows of a sample: features, headInput, logits, labels, and the part's own readings. */
export async function namedRows(
  subject: Pick<Subject, 'definition' | 'params'>,
  sample: Sample,
  names: readonly string[],
  learnt: Learnt,
): Promise<NamedRows> {
  const { features, head, logits, labels } = sample;
  const common: NamedRows = { features, headInput: headInputOf(features, head), logits, labels };
  const own = names.filter((name) => !(name in common));
  const readings = own.length === 0 ? {} : await readingsOf(subject, sample, own, learnt);
  return Object.fromEntries(names.map((name) => [name, common[name] ?? rowsOfArray(name, readings)]));
}

function rowsOfArray(name: string, readings: Arrays): Rows {
  const array = readings[name];
  const names = ['features', 'headInput', 'logits', 'labels', ...Object.keys(readings)];
  assert.ok(array, `it reads "${name}", but there are only ${names.join(', ')}`);
  const { data, shape } = array;
  return { data: data as Float32Array, shape: [shape[0]!, data.length / shape[0]!] };
}

/** Readings of the first pass if they contain these names, otherwise of both passes; the second needs what was learnt. */
async function readingsOf(
  subject: Pick<Subject, 'definition' | 'params'>,
  sample: Sample,
  names: readonly string[],
  learnt: Learnt,
): Promise<Arrays> {
  const first = await readingArrays(subject, sample, learnt, 'first');
  return names.every((name) => name in first) ? first : readingArrays(subject, sample, learnt, 'all');
}

/** The readings of a sample as arrays: those it provides, or those computed from its images. */
export async function readingArrays(
  { definition, params }: Pick<Subject, 'definition' | 'params'>,
  sample: Sample,
  learnt: Learnt,
  which: 'first' | 'after' | 'all' = 'all',
): Promise<Arrays> {
  if (sample.readings) return sample.readings;
  const view = traceHooks(networkTensors(sample), []);
  const readings = traceReadings(view, { definition, params, learnt }, which);
  return Object.keys(readings).length === 0 ? {} : computed(readings, { image: imagesOf(sample) });
}
