import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FaroutError } from '@farout/core';
import { decode } from '../../src/decode.ts';
import { runWithPillow } from './pillow.ts';

/** A picture and what Pillow makes of it: the SHA-256 of its RGB, or nothing where it is refused. */
export interface Picture {
  readonly file: string;
  readonly kind: string;
  readonly width: number;
  readonly height: number;
  readonly rgb: string | null;
  /** What was done to it, if anything. */
  readonly damage?: string;
  /** Whether Pillow's pixels are what its memory held before: then only the verdict is compared. */
  readonly undefined?: boolean;
}

/** What became of the pictures of one kind. */
export interface Compared {
  made: number;
  /** How many Pillow reads. */
  read: number;
  /** How many have Pillow's verdict, and its pixels where it reads them. */
  equal: number;
  /** How many of these have pixels that Pillow itself gives otherwise each time. */
  undefined: number;
  readonly differing: string[];
}

/** Makes the pictures, with those that are cut or without, and compares our pixels with Pillow's, kind by kind. */
export const comparePictures = (...what: ['cuts'] | []): Promise<Map<string, Compared>> =>
  compare('make-pictures.py', ...what);

/** Makes 300 pictures and damages each, one round by a seed: bits flipped, sectors zeroed, markers put into JPEGs. */
export const compareDamaged = (seed: number): Promise<Map<string, Compared>> => compare('make-damaged.py', `${seed}`);

async function compare(program: string, ...words: readonly string[]): Promise<Map<string, Compared>> {
  const folder = await mkdtemp(join(tmpdir(), 'farout-pictures-'));
  try {
    runWithPillow(program, folder, ...words);
    const index = JSON.parse(await readFile(join(folder, 'index.json'), 'utf8')) as Picture[];
    const kinds = new Map<string, Compared>();
    for (const picture of index) {
      await comparePicture(kinds, picture, await readFile(join(folder, picture.file)));
    }
    return kinds;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function comparePicture(kinds: Map<string, Compared>, picture: Picture, bytes: Uint8Array): Promise<void> {
  const { file, kind, width, height, rgb, damage } = picture;
  const seen = kinds.get(kind) ?? { made: 0, read: 0, equal: 0, undefined: 0, differing: [] };
  kinds.set(kind, seen);
  const [ours, said] = await decode(bytes).then(
    (pixels) => [pixels, ''] as const,
    (error: unknown) => [null, (error as FaroutError).message] as const,
  );
  const hash = ours && createHash('sha256').update(ours.data).digest('hex');
  const samePixels = picture.undefined === true || hash === rgb;
  const equal = ours ? ours.width === width && ours.height === height && samePixels : rgb === null;
  seen.made += 1;
  if (rgb !== null) seen.read += 1;
  if (equal && picture.undefined === true) seen.undefined += 1;
  if (equal) seen.equal += 1;
  else seen.differing.push(damage ? differenceOf(picture, ours !== null, said) : file);
}

/** What became of a damaged picture, and why it is judged otherwise here, as far as that is known of its kind. */
function differenceOf({ kind, damage, rgb }: Picture, read: boolean, said: string): string {
  const why = reasons[rgb === null ? '' : kind] ?? 'for a reason not known';
  const what = rgb === null ? 'read here, not by Pillow' : read ? 'other pixels' : `read by Pillow, not here (${said})`;
  return `${kind}, ${damage}: ${what}, ${said.includes('LZMA') ? 'as a codec that is not read' : why}`;
}

const reasons: Readonly<Record<string, string>> = {
  'JPEG, progressive':
    'as libjpeg-turbo 2.1 smooths what lost scans leave with more of its neighbours than mozjpeg does',
  'JPEG grey, progressive': 'as in other progressive JPEGs',
  'JPEG CMYK, progressive': 'as in other progressive JPEGs',
  'TIFF, Deflate': 'as libdeflate does not write a match that reaches beyond the strip',
  'TIFF, Zstandard':
    'as libzstd for 64 bits does not look where the streams of a block end, and the one for WebAssembly does',
};
