import { Readable } from 'node:stream';
import { cellText, FaroutError, z } from '@farout/core';
import { CsvError, parse, type Info } from 'csv-parse';
import { standingOf, type Description } from '@farout/verdict';
import type { Judged } from './watch.ts';

/** An image of a log, in log order. */
export interface LoggedImage {
  /** Its line in the log, from 1. */
  readonly line: number;
  readonly name: string;
  /** Absent if the image could not be read. */
  readonly judged?: Judged;
}

/** A log, and the detector behind it. */
export interface LogRequest {
  /** The output of `farout score --csv` or `--json`, or several outputs concatenated. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** The name of the log in messages. */
  readonly name: string;
  readonly description: Description;
}

/** Size limit of a line, which has a path, a label and some numbers. */
const mostBytes = 2 ** 20;

/**
 * Reads the log of a detector line by line, as lines arrive. Checks each against the detector's file: the verdict and p value must be those the
 * file gives for the score.
 *
 * @throws FaroutError OOD_LOG_INVALID, with the line number, for a line that `farout score` does not print, or that another file judged.
 */
export async function* readScoreLog(request: LogRequest): AsyncGenerator<LoggedImage> {
  const at = placed(request.name);
  const { first, rest } = await begun(request.bytes);
  if (first === '') return;
  yield* first.startsWith('{') ? jsonLines(rest, request.description, at) : csvRows(rest, request.description, at);
}

/** Makes an error about a line. */
type At = (line: number) => (why: string, fix?: string) => FaroutError;

const placed =
  (name: string): At =>
  (line) =>
  (why, fix = 'Give the output of `farout score --csv` or `farout score --json`.') =>
    new FaroutError('OOD_LOG_INVALID', why, { place: { file: name, line, column: 1 }, fix });

/** Peeks at the first non-blank characters. */
async function begun(
  bytes: AsyncIterable<Uint8Array>,
): Promise<{ readonly first: string; readonly rest: AsyncIterable<Uint8Array> }> {
  const iterator = bytes[Symbol.asyncIterator]();
  const pieces: Uint8Array[] = [];
  let first = '';
  for (let length = 0; first === '' && length <= mostBytes;) {
    const next: IteratorResult<Uint8Array, unknown> = await iterator.next();
    if (next.done) break;
    pieces.push(next.value);
    length += next.value.length;
    first = Buffer.from(next.value).toString('utf8').trimStart();
  }
  const rest = async function* () {
    yield* pieces;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  };
  return { first, rest: rest() };
}

const number = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)]);

/** The fields of a line that are used here. */
const scored = z.object({
  image: z.string(),
  class: z.int().min(0),
  score: number,
  isInDistribution: z.boolean(),
  p: z.number().gt(0).max(1),
});

/** Events that `farout score --json` prints in addition to scores. */
const event = z.object({ event: z.enum(['scored', 'unreadable', 'rejected', 'error', 'stopping']) });

async function* jsonLines(
  bytes: AsyncIterable<Uint8Array>,
  description: Description,
  at: At,
): AsyncGenerator<LoggedImage> {
  for await (const { line, text } of linesOf(bytes, at)) {
    if (text.trim() === '') continue;
    const said = parsed(text, at(line));
    const { data: kind } = event.safeParse(said);
    if (!kind) throw at(line)('it has no "event" of `farout score --json`');
    if (kind.event === 'unreadable') yield { line, name: String((said as { image?: unknown }).image) };
    else if (kind.event === 'scored') yield imageOf(said, line, description, at);
  }
}

function parsed(text: string, wrong: ReturnType<At>): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw wrong('it is not valid JSON', 'Give complete lines: the last one may be truncated.');
  }
}

async function* linesOf(
  bytes: AsyncIterable<Uint8Array>,
  at: At,
): AsyncGenerator<{ readonly line: number; readonly text: string }> {
  let [line, kept]: [number, Buffer] = [1, Buffer.alloc(0)];
  for await (const piece of bytes) {
    let rest = kept.length > 0 ? Buffer.concat([kept, piece]) : Buffer.from(piece);
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
      yield { line: line++, text: rest.toString('utf8', 0, end) };
      rest = rest.subarray(end + 1);
    }
    if (rest.length > mostBytes) throw at(line)('it is longer than 1 MiB');
    kept = rest;
  }
  if (kept.length > 0) yield { line, text: kept.toString('utf8') };
}

/** Column names, by their keys in `scored`. */
const columns = { image: 'image', class: 'class', score: 'score', isInDistribution: 'is_in_distribution', p: 'p' };
const unreadable = 'unreadable';

async function* csvRows(
  bytes: AsyncIterable<Uint8Array>,
  description: Description,
  at: At,
): AsyncGenerator<LoggedImage> {
  let header: readonly string[] | undefined;
  for await (const { cells, line } of cellsOf(bytes, at)) {
    if (header === undefined) header = headerOf(cells, at(line));
    // Appended output of a second call has a second heading.
    else if (cells.join() !== header.join()) yield rowOf(cells, header, line, description, at);
  }
}

async function* cellsOf(
  bytes: AsyncIterable<Uint8Array>,
  at: At,
): AsyncGenerator<{ readonly cells: string[]; readonly line: number }> {
  const options = {
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: mostBytes,
  };
  const parser = parse(options);
  const source = Readable.from(bytes);
  source.on('error', (error) => parser.destroy(error));
  try {
    for await (const row of source.pipe(parser) as AsyncIterable<{ readonly record: string[]; readonly info: Info }>)
      yield { cells: row.record, line: row.info.lines };
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    const [what = ''] = cause.message.split(':');
    const isLong = cause.code === 'CSV_MAX_RECORD_SIZE';
    throw at(Number(cause.lines))(isLong ? 'it is longer than 1 MiB' : `it is not valid CSV: ${what.toLowerCase()}`);
  } finally {
    source.destroy();
  }
}

function headerOf(cells: readonly string[], wrong: ReturnType<At>): readonly string[] {
  const missing = [...Object.values(columns), unreadable].filter((name) => !cells.includes(name));
  if (missing.length === 0) return cells;
  throw wrong(`there is no column "${missing.join('", "')}": this is not the header of farout score --csv`);
}

function rowOf(
  cells: readonly string[],
  header: readonly string[],
  line: number,
  description: Description,
  at: At,
): LoggedImage {
  if (cells.length !== header.length)
    throw at(line)(`it has ${cells.length} cells, but the header has ${header.length}`);
  const cell = (name: string) => cells[header.indexOf(name)]!;
  const name = cellText(cell(columns.image));
  if (cell(unreadable) !== '') return { line, name };
  const said = {
    image: name,
    class: numberOf(cell(columns.class)),
    score: scoreOf(cell(columns.score)),
    isInDistribution: { true: true, false: false }[cell(columns.isInDistribution)],
    p: numberOf(cell(columns.p)),
  };
  return imageOf(said, line, description, at);
}

const numberOf = (cell: string) => (cell.trim() === '' ? undefined : Number(cell));

/** NaN is a score; text that is not a number is not. */
const scoreOf = (cell: string) => (['NaN', 'Infinity', '-Infinity'].includes(cell) ? cell : numberOf(cell));

function imageOf(said: unknown, line: number, description: Description, at: At): LoggedImage {
  const { data, error } = scored.safeParse(said);
  if (!data) {
    const [{ path, message }] = error.issues as [z.core.$ZodIssue];
    throw at(line)(`${path.join('.')} is invalid: ${message}`);
  }
  const { image: name, class: number, isInDistribution } = data;
  const score = Math.fround(data.score);
  const limit = limitOf(number, description);
  const { p } = standingOf(score, description.idScores);
  if (isInDistribution !== score > limit || Math.abs(data.p - p) > 1e-9)
    throw at(line)(
      `another file scored ${name}: with the score ${score} it ${isInDistribution ? 'is' : 'is not'} in distribution, p ${data.p}; with this file it ${score > limit ? 'is' : 'is not'}, p ${p}`,
      'Use the file that scored these images, with the same calibration.',
    );
  return { line, name, judged: { class: number, isInDistribution } };
}

function limitOf(number: number, { threshold }: Description): number {
  const own = threshold.rule === 'conformal' ? threshold.own : undefined;
  return own?.find((each) => each.class === number)?.value ?? threshold.value;
}
