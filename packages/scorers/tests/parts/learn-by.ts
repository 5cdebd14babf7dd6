import {
  FaroutError,
  schemaOf,
  type FitContext,
  type Learnt,
  type RowStream,
  type ScorerDefinition,
} from '@farout/core';

/** The fit set of a scorer: logits, which are the features, too, and classes. */
export interface FitRows {
  readonly logits: readonly (readonly number[])[];
  readonly labels?: readonly number[];
}

/** What a scorer learns from rows, in batches of three, with no more than the classes: for what the kit does not look at. */
export async function learnBy(scorer: ScorerDefinition, given: object, rows: FitRows): Promise<Learnt> {
  const params = schemaOf(scorer).parse(given);
  const context = { classes: rows.logits[0]!.length, signal: new AbortController().signal } as FitContext;
  let learnt: Learnt = {};
  for (const step of [scorer.fit?.(params) ?? []].flat()) {
    learnt = { ...learnt, ...(await step.learn(stream(rows), { ...context, learnt })) };
  }
  return learnt;
}

/** The error with which a scorer refuses to learn from rows. */
export async function refusal(scorer: ScorerDefinition, given: object, rows: FitRows): Promise<FaroutError> {
  const outcome = await learnBy(scorer, given, rows).catch((reason: unknown) => reason);
  if (outcome instanceof FaroutError) return outcome;
  throw outcome instanceof Error ? outcome : new TypeError(`${scorer.name} learns from these rows`);
}

function stream({ logits, labels = [] }: FitRows): RowStream {
  const size = 3;
  const block = (start: number) => {
    const rows = logits.slice(start, start + size);
    return { data: Float32Array.from(rows.flat()), shape: [rows.length, logits[0]!.length] as const };
  };
  return {
    count: logits.length,
    async *[Symbol.asyncIterator]() {
      for (let start = 0; start < logits.length; start += size) {
        const own = Int32Array.from(labels.slice(start, start + size));
        yield await Promise.resolve({ features: block(start), logits: block(start), labels: own });
      }
    },
  } as RowStream;
}
