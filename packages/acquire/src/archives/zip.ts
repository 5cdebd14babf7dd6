import { isUtf8 } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';
import { createInflateRaw, crc32 } from 'node:zlib';
import { openZip, type LocalHeader, type Zip, type ZipEntry } from '@farout/archives';
import { refusal } from './names.ts';
import { stretch, through } from './stretch.ts';
import type { ArchiveEntry } from './tar.ts';

/** Between the content of an entry and the next header, there may be a descriptor with checksum and sizes. */
const largestDescriptor = 24;

/**
 * Yields the entries of a zip in file order. Entries must not overlap, and the two headers of each must agree.
 *
 * @throws FaroutError OOD_ARCHIVE_REFUSED
 */
export async function* readZip(archive: string, file: FileHandle): AsyncGenerator<ArchiveEntry> {
  const refuse = (message: string, cause?: unknown) => refusal(archive, message, cause);
  const { size: fileSize } = await file.stat();
  const read = (position: number, length: number) => exactly(file, position, length);
  const zip = await orRefuse(openZip({ size: fileSize, read }), refuse);
  const entries = await orRefuse(directory(zip), refuse);
  let end = 0;
  for (const entry of entries) {
    const start = entry.relativeOffsetOfLocalHeader;
    if (start < end || start > end + largestDescriptor || (end === 0 && start > 0))
      throw refuse('its entries overlap, or there is data between them');
    const local = await orRefuse(zip.header(entry), refuse);
    checkHeaders(entry, local, refuse);
    end = local.fileDataStart + entry.compressedSize;
    if (end > fileSize) throw refuse('it is truncated');
    if (!isUtf8(entry.rawName)) throw refuse('a name in it is not UTF-8');
    // Not decoded by flags and extra fields, which some programs use and others ignore.
    const name = entry.rawName.toString('utf8');
    const isFolder = name.endsWith('/');
    if (isFolder && entry.uncompressedSize > 0) throw refuse('a folder in it has content');
    const content = contentOf(file, entry, local.fileDataStart, refuse);
    yield { name, isFolder, size: entry.uncompressedSize, content };
  }
}

type Refuse = (message: string, cause?: unknown) => Error;

async function orRefuse<T>(promise: Promise<T>, refuse: Refuse): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    throw refuse(`it is not a zip file, or it is damaged (${(error as Error).message})`, error);
  }
}

async function exactly(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead < length) throw new Error('it is truncated');
  return buffer;
}

async function directory(zip: Zip): Promise<ZipEntry[]> {
  const entries: ZipEntry[] = [];
  for await (const entry of zip.entries()) entries.push(entry);
  return entries.sort((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader);
}

const [stored, deflated] = [0, 8];
/** The file type bits of a Unix mode, and the types that are unpacked. */
const [kindBits, regular, folder] = [0o170000, 0o100000, 0o040000];

function checkHeaders(entry: ZipEntry, local: LocalHeader, refuse: Refuse): void {
  if (entry.isEncrypted) throw refuse('it is encrypted');
  if (entry.compressionMethod !== stored && entry.compressionMethod !== deflated)
    throw refuse('its compression method is not supported');
  const kind = (entry.externalFileAttributes >>> 16) & kindBits;
  if (![0, regular, folder].includes(kind)) throw refuse('it contains a link, a device or a pipe');
  const isSame = local.fileName.equals(entry.rawName) && local.compressionMethod === entry.compressionMethod;
  // With bit 3 set, sizes follow the content; in zip64 they are stored elsewhere.
  const isElsewhere = (local.generalPurposeBitFlag & 8) !== 0;
  const agrees = (own: number, listed: number) => isElsewhere || own === 0xffffffff || own === listed;
  if (
    !isSame ||
    !agrees(local.compressedSize, entry.compressedSize) ||
    !agrees(local.uncompressedSize, entry.uncompressedSize)
  )
    throw refuse('the header of an entry contradicts the central directory');
}

/** The unpacked content; must have exactly the size and checksum in the directory. */
async function* contentOf(
  file: FileHandle,
  { compressedSize, uncompressedSize, compressionMethod, crc32: expected }: ZipEntry,
  start: number,
  refuse: Refuse,
): AsyncGenerator<Uint8Array> {
  if (compressedSize === 0 && uncompressedSize === 0) return;
  const raw = stretch(file, start, start + compressedSize);
  const inflate = createInflateRaw();
  let [size, checksum] = [0, 0];
  try {
    for await (const bytes of compressionMethod === stored ? raw : through(raw, inflate)) {
      size += bytes.length;
      if (size > uncompressedSize) break;
      checksum = crc32(bytes, checksum);
      yield bytes;
    }
  } catch (error) {
    throw refuse(`an entry in it is damaged (${(error as Error).message})`, error);
  } finally {
    inflate.destroy();
  }
  const consumed = compressionMethod === stored ? size : inflate.bytesWritten;
  if (size !== uncompressedSize || consumed !== compressedSize || checksum !== expected)
    throw refuse('the size or checksum of an entry differs from its header');
}
