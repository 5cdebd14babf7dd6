import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { openZip, type Zip, type ZipEntry } from '@farout/archives';
import { defineDataset, FaroutError, filePath, z, type DatasetImage } from '@farout/core';
import { archivedImages, archiveParameters } from './archived-images.ts';
import { PackedFile } from './packed-file.ts';
import { checkedName } from './tar-index.ts';

/**
 * The images in a zip. Stored images are read in place. Compressed images (deflate) are unpacked by the main process, which verifies their
 * checksums. Images are listed, named and labelled as by image-folder on the unpacked zip. Links in the zip are not followed.
 *
 * @throws FaroutError OOD_DATASET_INVALID when it is damaged, encrypted or uses another compression, has a duplicate name or one that leads
 *   out of it, has no image, or class numbers would shift.
 */
export const zip = defineDataset({
  name: 'zip',
  about: { summary: 'The images in a zip, read in place.' },
  params: z.object({ file: filePath().describe('the archive: .zip'), ...archiveParameters }),
  open: async ({ file: path, ...wanted }) => {
    const file = await PackedFile.open(path, 2 ** 16);
    return file.during(async () => {
      const { zip, entries, others, ends } = await directoryOf(file);
      const beginningOf = async (entry: Zipped) => {
        const { start, length } = await placeOf(file, zip, ends, entry);
        return entry.packed ? '' : (await file.read(start, Math.min(beginning, length))).toString('latin1');
      };
      const { images, ...rest } = await archivedImages({ path, entries, others }, wanted, beginningOf);
      const placed: DatasetImage[] = [];
      for (const { entry, ...image } of images) {
        const { start, length } = await placeOf(file, zip, ends, entry);
        if (!entry.packed) placed.push({ ...image, path, offset: start, length });
        else placed.push({ ...image, version: `zip ${file.version} ${start}`, read: () => unpack(file, entry, start) });
      }
      return { images: placed, ...rest };
    });
  },
});

/** How many bytes of a file are needed to recognize an image; a compressed file is recognized by name only. */
const beginning = 32;

/** An entry of a zip. */
interface Zipped {
  readonly name: string;
  readonly folder: boolean;
  readonly entry: ZipEntry;
  readonly packed: boolean;
}

const mostEntries = 2_000_000;
/** The same limit as for a file. */
const mostBytes = 2 ** 30;

async function directoryOf(file: PackedFile) {
  try {
    const zip = await openZip({ size: file.size, read: (position, length) => file.read(position, length) });
    return { zip, ...(await entriesOf(file, zip)) };
  } catch (cause) {
    throw asRefusal(file, cause);
  }
}

const asRefusal = (file: PackedFile, cause: unknown) =>
  cause instanceof FaroutError
    ? cause
    : file.refusal(`it is not a zip file, or it is damaged (${(cause as Error).message})`, { cause });

async function entriesOf(file: PackedFile, zip: Zip) {
  const names = new Set<string>();
  const [entries, others, starts]: [Zipped[], string[], number[]] = [[], [], []];
  for await (const entry of zip.entries()) {
    const name = checkedName(file, entry.name);
    if (names.has(name)) throw file.refusal(`it has "${name}" twice`, { fix: 'Pack it again without duplicates.' });
    if (names.size === mostEntries) throw file.refusal(`it has more than ${mostEntries} entries`);
    names.add(name);
    starts.push(entry.relativeOffsetOfLocalHeader);
    if (name.endsWith('/')) entries.push({ name: name.replace(/\/+$/, ''), folder: true, entry, packed: false });
    else if (isLink(entry)) others.push(name);
    else entries.push({ name, folder: false, entry, packed: isPacked(file, entry, name) });
  }
  const sorted = starts.sort((a, b) => a - b);
  return { entries, others, ends: new Map(sorted.map((start, at) => [start, sorted[at + 1] ?? file.size])) };
}

/** Whether it is a Unix symbolic link, by the upper half of the attributes. */
const isLink = ({ externalFileAttributes }: ZipEntry) => externalFileAttributes >>> 28 === 0o12;

function isPacked(file: PackedFile, entry: ZipEntry, name: string): boolean {
  const fix = 'Pack the images again: zip -r images.zip folder.';
  if (entry.isEncrypted) throw file.refusal(`"${name}" is encrypted`, { fix });
  if (entry.uncompressedSize > mostBytes) throw file.refusal(`"${name}" has ${entry.uncompressedSize} bytes`, { fix });
  if (entry.compressionMethod === 0 && entry.compressedSize === entry.uncompressedSize) return false;
  if (entry.compressionMethod === 8) return true;
  throw file.refusal(
    `"${name}" is compressed with method ${entry.compressionMethod}; supported are 0 (stored) and 8 (deflate)`,
    { fix },
  );
}

/** The position of the content of an entry; entries must not overlap. */
async function placeOf(file: PackedFile, zip: Zip, ends: ReadonlyMap<number, number>, { name, entry }: Zipped) {
  const start = await zip.contentStart(entry).catch((cause: unknown) => {
    throw asRefusal(file, cause);
  });
  const { compressedSize: length, relativeOffsetOfLocalHeader } = entry;
  if (start + length > ends.get(relativeOffsetOfLocalHeader)!)
    throw file.refusal(`"${name}" overlaps the data after it`);
  return { start, length };
}

const inflate = promisify(inflateRaw) as (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

/** Allocates no more than the size in the directory. */
async function unpack(file: PackedFile, { name, entry }: Zipped, start: number): Promise<Buffer> {
  const packed = await file.read(start, entry.compressedSize);
  const bytes = await inflate(packed, { maxOutputLength: Math.max(1, entry.uncompressedSize) }).catch(
    (cause: unknown) => {
      throw file.refusal(`"${name}" does not decompress to ${entry.uncompressedSize} bytes`, { cause });
    },
  );
  if (bytes.length === entry.uncompressedSize && crc32(bytes) === entry.crc32) return bytes;
  throw file.refusal(`"${name}" does not have the length or the checksum in the zip`);
}
