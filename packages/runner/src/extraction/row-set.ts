import { FaroutError, type DatasetImage, type Rows, type UnreadableImage } from '@farout/core';
import { hashData } from '../store/entries.ts';
import type { Cut } from './look-up.ts';
import type { LeftOut, Shards, Stored, StoredRow } from './shards.ts';

/** A cut of a dataset whose images were all looked at. */
export interface ExtractedCut {
  readonly cut: Cut;
  /** SHA-256 of each image; undefined where its bytes could not be read. */
  readonly contents: readonly (string | undefined)[];
  /** What became of each image. */
  readonly outcomes: readonly (Stored | LeftOut)[];
}

/** Rows of a shard with the images they belong to. */
export interface ShardRows {
  readonly images: readonly DatasetImage[];
  readonly rows: Rows;
}

/** Images with a row each, their features or a score, read in blocks; may be read as often as one likes. */
export interface ImageRows {
  readonly images: readonly DatasetImage[];
  /** SHA-256 that stands for the content of all images in order. */
  readonly fingerprint: string;
  readonly rows: () => AsyncIterable<ShardRows>;
}

/** Where a set reads its rows, and how it gets them when the store has lost them. */
interface RowSource {
  readonly shards: Pick<Shards, 'block'>;
  /** Reads the images of a cut whose rows are lost, and stores them again; says how many it read. */
  readonly again: (cut: Cut) => Promise<{ readonly cuts: readonly ExtractedCut[]; readonly read: number }>;
}

/** What a pass made of a dataset, in the store; read shard by shard, so memory does not grow with the images. */
export class RowSet implements ImageRows {
  readonly #source: RowSource;
  readonly #cuts: ExtractedCut[];
  #read: number;
  /** Images listed, the unreadable ones included. */
  readonly listed: number;
  /** The images that have a row, in their order. */
  readonly images: readonly DatasetImage[];
  /** SHA-256 of each of these images. */
  readonly contents: readonly string[];
  readonly unreadable: readonly UnreadableImage[];
  /** SHA-256 over the content of all images in order, and over what was left out for no fault of its own. */
  readonly fingerprint: string;

  constructor(source: RowSource, cuts: readonly ExtractedCut[], read: number) {
    this.#source = source;
    this.#cuts = [...cuts];
    this.#read = read;
    this.listed = cuts.reduce((count, { cut }) => count + cut.images.length, 0);
    this.images = cuts.flatMap((extracted) => readable(extracted, extracted.cut.images));
    this.contents = cuts.flatMap((extracted) => readable(extracted, extracted.contents) as string[]);
    this.unreadable = cuts.flatMap(unreadableIn);
    this.fingerprint = hashData(cuts.flatMap(fingerprints));
  }

  /** How many images were read for it; the others' rows were in the store. */
  get read(): number {
    return this.#read;
  }

  /** Rows in the images' order, a shard at a time. */
  async *rows(): AsyncGenerator<ShardRows> {
    for (const index of this.#cuts.keys()) {
      const images = readable(this.#cuts[index]!, this.#cuts[index]!.cut.images);
      if (images.length > 0) yield { images, rows: await this.#rowsOf(index) };
    }
  }

  async #rowsOf(index: number): Promise<Rows> {
    return (await this.#gather(this.#cuts[index]!)) ?? (await this.#gather(await this.#readAgain(index))) ?? gone();
  }

  /** The rows of a cut; undefined when a block of them is lost. */
  async #gather({ outcomes }: ExtractedCut): Promise<Rows | undefined> {
    const wanted = outcomes.filter(hasRow);
    const blocks = new Map<string, Rows>();
    for (const sha256 of new Set(wanted.map(({ block }) => block))) {
      const rows = await this.#source.shards.block(sha256);
      if (!rows) return undefined;
      blocks.set(sha256, rows);
    }
    const [first] = blocks.values();
    const width = first!.shape[1];
    // The usual case: a block is the cut as it is.
    if (blocks.size === 1 && first!.shape[0] === wanted.length && wanted.every(({ row }, at) => row === at))
      return first;
    const data = new Float32Array(wanted.length * width);
    for (const [at, { block, row }] of wanted.entries()) {
      data.set(blocks.get(block)!.data.subarray(row * width, (row + 1) * width), at * width);
    }
    return { data, shape: [wanted.length, width] };
  }

  async #readAgain(index: number): Promise<ExtractedCut> {
    const lost = this.#cuts[index]!;
    const { cuts, read } = await this.#source.again(lost.cut);
    const [found] = cuts;
    this.#read += read;
    const changed = lost.cut.images.find((_, at) => !isSame(lost, found!, at));
    if (changed) {
      throw new FaroutError(
        'OOD_STORE_FAILED',
        `the store has lost what was made of the image "${changed.id}", which changed while the run went on`,
        { fix: 'Run again: what changed is read again.' },
      );
    }
    this.#cuts[index] = found!;
    return found!;
  }
}

function gone(): never {
  throw new FaroutError('OOD_STORE_FAILED', 'the store loses what is written into it', {
    fix: 'Look at its disk, or name another folder: store: <folder>.',
  });
}

const hasRow = (outcome: Stored | LeftOut): outcome is StoredRow => 'block' in outcome;

/** Of what a cut has for each of its images, that of the readable ones. */
const readable = <T>({ outcomes }: ExtractedCut, each: readonly T[]) =>
  each.filter((_, index) => hasRow(outcomes[index]!));

const isSame = (one: ExtractedCut, other: ExtractedCut, at: number) =>
  one.contents[at] === other.contents[at] && hasRow(one.outcomes[at]!) === hasRow(other.outcomes[at]!);

function unreadableIn({ cut, outcomes }: ExtractedCut): UnreadableImage[] {
  return outcomes.flatMap((outcome, index) => {
    if (hasRow(outcome)) return [];
    const passing = 'passing' in outcome && outcome.passing;
    const image = cut.images[index]!.id;
    return [{ image, reason: outcome.unreadable, ...(passing && { cause: 'machine' as const }) }];
  });
}

/** Sets are the same when the same images were read and the same were left out. */
const fingerprints = ({ contents, outcomes }: ExtractedCut) =>
  contents.map((content, index) => {
    const outcome = outcomes[index]!;
    return 'passing' in outcome && outcome.passing ? ['left out', content ?? null] : (content ?? 'unread');
  });
