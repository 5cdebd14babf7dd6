import {
  ignoresInput,
  withSeed,
  type Compiled,
  type Fit,
  type Head,
  type HookDefinition,
  type Learnt,
  type NDArray,
  type PartContext,
  type RowStream,
} from '@farout/core';
import { writeOnnx } from '@farout/onnx';
import { evaluate, openSession, type Session } from '@farout/runtime';
import { cores } from '../cores.ts';
import type { ImageRows } from '../extraction/row-set.ts';
import { settled } from '../plugins/failure.ts';
import { hashData } from '../store/entries.ts';
import { checkLearnt, type LearntStore } from './learnt.ts';
import { sharedMoments } from './moments.ts';
import {
  labelsKey,
  openRows,
  rowStream,
  viewStored,
  type Bank,
  type FittedPart,
  type LastStages,
  type RowPlan,
} from './rows.ts';

/** Context for learning a step. */
export interface Learning {
  readonly network: LastStages;
  readonly set: ImageRows;
  /** Rows of other images that the step learns to separate from those of `set`; absent if there are none. */
  readonly against?: ImageRows | undefined;
  /** Where moments are cached, and a hash of everything besides the image that determines the features. */
  readonly kept: { readonly learnt: LearntStore; readonly features: string };
  readonly hooks: readonly FittedPart<HookDefinition>[];
  /** What the part has learnt so far. */
  readonly learnt: Learnt;
  readonly seed: number;
  readonly signal: AbortSignal;
}

/** Learns one step, behind hooks. Its result is not cached here; moments are. */
export async function learnOnce(part: DrawingPart, step: Fit, plan: RowPlan, learning: Learning): Promise<Learnt> {
  const { set, against: others, kept, signal } = learning;
  const opened = await openRows(plan);
  try {
    const rows = rowStream(set, plan, opened);
    const against = others ? rowStream(others, plan, opened) : noRows;
    const labels = plan.reads.includes('labels') ? labelsKey(set.images) : null;
    const fingerprint = hashData([kept.features, set.fingerprint, labels]);
    const { name } = part;
    return await withContext({ ...learning, part }, { name, reads: plan.reads }, async (at) => {
      const moments = sharedMoments({ rows, plan, fingerprint, classes: at.classes, learnt: kept.learnt });
      return checkLearnt(name, await settled(step.learn(rows, Object.assign(at, { against, ...moments })), signal));
    });
  } finally {
    await opened.close();
  }
}

/** The properties of a part that determine whether it gets the seed. */
type DrawingPart = Pick<HookDefinition, 'name' | 'draws'>;

/** A part, and the rows that it reads. */
interface Reader {
  readonly name: string;
  readonly reads: readonly string[];
}

/**
 * Calls `work` with the context of a part. The context must not be copied: a copy would bypass the check on the seed,
 * and compiled graphs are released afterwards. If the last layer normalises its input, a `reader` of features that
 * does not read `headInput` gets only the sizes of the weights.
 */
export async function withContext<T>(
  {
    part,
    network,
    hooks,
    learnt,
    seed,
    signal,
  }: Pick<Learning, 'network' | 'hooks' | 'learnt' | 'seed' | 'signal'> & { readonly part: DrawingPart },
  reader: Reader | undefined,
  work: (at: PartContext) => Promise<T>,
): Promise<T> {
  const sessions: Session[] = [];
  const compile = async (outputs: Parameters<PartContext['compile']>[0]): Promise<Compiled> => {
    const session = await openSession(writeOnnx(outputs), { threads: cores() });
    sessions.push(session);
    return (inputs) => session.run(inputs);
  };
  const arrays = await headArrays(viewStored(network, hooks).view.head);
  const head = reader && network.head.normalise ? withheld(arrays, reader) : arrays;
  try {
    return await work(withSeed({ head, classes: head.weight.shape[0]!, learnt, compile, signal }, seed, part));
  } finally {
    for (const session of sessions) await session.release();
  }
}

/** A head that no hook rewrites already consists of constants. */
async function headArrays({ weight, bias }: Head): Promise<PartContext['head']> {
  const arrays = [weight, bias].map(({ origin }) => (origin.kind === 'constant' ? origin.array : undefined));
  // Copied, so that a part that writes into them does not change the network's.
  const [w, b] = arrays.map((array) => array && { data: array.data.slice(), shape: array.shape });
  if (w && b) return { weight: w, bias: b };
  const found = await evaluate({ weight, bias }, {});
  return { weight: found.weight!, bias: found.bias! };
}

/** Only the sizes, if a part would otherwise multiply the weights with features that are not the layer's input. */
function withheld(head: PartContext['head'], { name, reads }: Reader): PartContext['head'] {
  if (!reads.includes('features') || reads.includes('headInput')) return head;
  const sizes = ({ shape }: NDArray): NDArray => ({
    shape,
    get data(): NDArray['data'] {
      throw ignoresInput(name);
    },
  });
  return { weight: sizes(head.weight), bias: sizes(head.bias) };
}

/** The stream of rows that a scorer remembers; empty if it remembers none. */
export async function withBank<T>(bank: Bank | undefined, work: (rows: RowStream) => Promise<T>): Promise<T> {
  if (!bank) return work(noRows);
  const opened = await openRows(bank.plan);
  try {
    return await work(rowStream(bank.set, bank.plan, opened));
  } finally {
    await opened.close();
  }
}

const noRows: RowStream = {
  count: 0,
  [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }),
};
