import { FaroutError, type RowBatch, type Rows, type RowsScorer } from '@farout/core';
import { joinRows } from '../extraction/batch.ts';
import type { ImageRows } from '../extraction/row-set.ts';
import { withBank, withContext, type Learning } from '../fit/learn.ts';
import {
  openRows,
  planRows,
  rowStream,
  type FittedDetector,
  type FittedPart,
  type OpenedRows,
  type RowPlan,
} from '../fit/rows.ts';
import { settled } from '../plugins/failure.ts';
import { checked, notANumber } from './checked.ts';

/** Maximum size in bytes of the rows that a scorer gets at once, unless a single shard has more. */
const blockBytes = 2 ** 26;

/** Context for row scorers. */
export type RowScoringContext = Pick<Learning, 'network' | 'seed' | 'signal'>;

/**
 * The scores of a row scorer for every set. It prepares once and gets large blocks, joined across small sets, because
 * a scorer that searches a bank does so for each block.
 *
 * @throws FaroutError OOD_SCORE_INVALID if there is not one score per image, or if one is NaN; whatever the scorer throws.
 */
export async function scoreRows(
  { hooks, scorer, bank, seed: own }: FittedDetector,
  sets: ReadonlyMap<string, ImageRows>,
  { network, seed, signal }: RowScoringContext,
): Promise<Map<string, Float32Array>> {
  const { definition, params, learnt, stored } = scorer as FittedPart<RowsScorer>;
  const { reads, prepare } = definition.rows(params);
  const plan = planRows(network, hooks, reads, stored);
  if (!plan)
    throw new FaroutError('OOD_DETECTOR_FAILED', `"${definition.name}" reads undeclared readings: ${reads.join(', ')}`);
  const opened = await openRows(plan);
  try {
    const reader = { name: definition.name, reads };
    return await withContext({ part: definition, network, hooks, learnt, seed: own ?? seed, signal }, reader, (at) =>
      withBank(bank, async (rows) => {
        const score = await settled(prepare(Object.assign(at, { bank: rows })), signal);
        const images = [...sets.values()].flatMap((set) => set.images);
        const all = new Float32Array(images.length);
        let start = 0;
        for await (const block of blocks(rowsOf(sets, plan, opened))) {
          signal.throwIfAborted();
          const own = images.slice(start, start + block.count);
          all.set(checked(await settled(Promise.resolve(score(block.rows)), signal), own), start);
          start += block.count;
        }
        if (start !== images.length)
          throw new FaroutError('OOD_SCORE_INVALID', `"${definition.name}" reads no rows to score`, {
            fix: "Declare some: scoresFrom(['features'], …).",
          });
        return bySet(all, sets);
      }),
    );
  } finally {
    await opened.close();
  }
}

/** The rows of all sets, one set after another. */
async function* rowsOf(
  sets: ReadonlyMap<string, ImageRows>,
  plan: RowPlan,
  opened: OpenedRows,
): AsyncGenerator<RowBatch> {
  for (const [name, set] of sets) yield* rowStream(set, plan, opened, { called: `"${name}"`, refuse: notANumber });
}

function bySet(all: Float32Array, sets: ReadonlyMap<string, ImageRows>): Map<string, Float32Array> {
  let start = 0;
  return new Map([...sets].map(([name, { images }]) => [name, all.slice(start, (start += images.length))]));
}

/** Joins blocks of a stream into larger ones. */
async function* blocks(
  stream: AsyncIterable<RowBatch>,
): AsyncGenerator<{ readonly rows: RowBatch; readonly count: number }> {
  let waiting: RowBatch[] = [];
  let bytes = 0;
  for await (const batch of stream) {
    const more = Object.values(batch as Readonly<Record<string, Rows>>).reduce(
      (sum, rows) => sum + rows.data.byteLength,
      0,
    );
    if (waiting.length > 0 && bytes + more > blockBytes) {
      yield joined(waiting);
      [waiting, bytes] = [[], 0];
    }
    waiting.push(batch);
    bytes += more;
  }
  if (waiting.length > 0) yield joined(waiting);
}

function joined(batches: readonly RowBatch[]) {
  const names = Object.keys(batches[0]!);
  const rows = Object.fromEntries(names.map((name) => [name, joinRows(batches.map((batch) => batch[name]!))]));
  return { rows: rows, count: Object.values(rows)[0]?.shape[0] ?? 0 };
}
