import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode } from '../../src/decode.ts';
import { runWithPillow } from './pillow.ts';

/** A picture and what Pillow makes of it: the SHA-256 of its RGB, or nothing where it is refused. */
export interface Picture {
  readonly file: string;
  readonly kind: string;
  readonly width: number;
  readonly height: number;
  readonly rgb: string | null;
  /** How many bytes at the end of the file are missing. */
  readonly cut: number;
}

/** What became of the pictures of one kind. */
export interface Compared {
  made: number;
  /** How many Pillow reads. */
  read: number;
  /** How many have Pillow's verdict, and its pixels where it reads them. */
  equal: number;
  readonly differing: string[];
}

/** Makes the pictures, with those that are cut or without, and compares our pixels with Pillow's, kind by kind. */
export async function comparePictures(...what: ['cuts'] | []): Promise<Map<string, Compared>> {
  const folder = await mkdtemp(join(tmpdir(), 'farout-pictures-'));
  try {
    runWithPillow('make-pictures.py', folder, ...what);
    const index = JSON.parse(await readFile(join(folder, 'index.json'), 'utf8')) as Picture[];
    const kinds = new Map<string, Compared>();
    for (const picture of index.filter(isCompared)) {
      await comparePicture(kinds, picture, await readFile(join(folder, picture.file)));
    }
    return kinds;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A PNG without its last 22 bytes or fewer has all of its pixels: Pillow reads some of these, libpng none. */
const isCompared = ({ kind, cut }: Picture): boolean => !(kind.startsWith('PNG') && cut > 0 && cut <= 22);

async function comparePicture(kinds: Map<string, Compared>, picture: Picture, bytes: Uint8Array): Promise<void> {
  const { file, kind, width, height, rgb } = picture;
  const seen = kinds.get(kind) ?? { made: 0, read: 0, equal: 0, differing: [] };
  kinds.set(kind, seen);
  const ours = await decode(bytes).catch(() => null);
  const equal = ours
    ? ours.width === width && ours.height === height && createHash('sha256').update(ours.data).digest('hex') === rgb
    : rgb === null;
  seen.made += 1;
  if (rgb !== null) seen.read += 1;
  if (equal) seen.equal += 1;
  else seen.differing.push(file);
}
