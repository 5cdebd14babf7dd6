import * as yauzl from 'yauzl';

/** The source of the bytes of a zip: an open file, or anything with a size and random access. */
export interface ZipBytes {
  readonly size: number;
  /** Reads exactly `length` bytes. Its errors are passed to the reader of the zip. */
  readonly read: (position: number, length: number) => Promise<Uint8Array>;
}

/** An entry of the central directory. */
export interface ZipEntry {
  /** Decoded according to its flags, with forward slashes; not checked for paths that lead out. */
  readonly name: string;
  /** The undecoded name. */
  readonly rawName: Buffer;
  /** 0 for stored, 8 for deflate. */
  readonly compressionMethod: number;
  readonly isEncrypted: boolean;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
  readonly crc32: number;
  /** The upper half is the Unix mode, if there is one. */
  readonly externalFileAttributes: number;
  readonly relativeOffsetOfLocalHeader: number;
}

/** The local header of an entry, which repeats directory fields. */
export interface LocalHeader {
  readonly fileDataStart: number;
  readonly fileName: Buffer;
  readonly generalPurposeBitFlag: number;
  readonly compressionMethod: number;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
}

/** An open zip, usable while its bytes can be read. Every method throws like `openZip`. */
export interface Zip {
  /** The directory entries, in order; can be iterated once. */
  entries(): AsyncIterable<ZipEntry>;
  /** The header before the content of an entry. */
  header(entry: ZipEntry): Promise<LocalHeader>;
  /** The position of the content of an entry; takes one short read. */
  contentStart(entry: ZipEntry): Promise<number>;
}

/** Additions of yauzl 3; @types/yauzl describes version 2. Declared here, so the published declarations need no types of yauzl. */
interface Yauzl3 {
  readonly getFileNameLowLevel: (
    flags: number,
    name: Buffer,
    extraFields: Entry3['extraFields'],
    strict: boolean,
  ) => string;
  readonly fromRandomAccessReaderPromise: (
    reader: yauzl.RandomAccessReader,
    totalSize: number,
    options: { autoClose: boolean; decodeStrings: boolean },
  ) => Promise<ZipFile3>;
}
interface Entry3 extends yauzl.Entry {
  readonly fileNameRaw: Buffer;
}
interface ZipFile3 {
  eachEntry(): AsyncIterable<Entry3>;
  readLocalFileHeaderPromise(entry: yauzl.Entry, options: { minimal: boolean }): Promise<LocalHeader>;
}
const { getFileNameLowLevel, fromRandomAccessReaderPromise } = yauzl as unknown as Yauzl3;

/** Why the name of an entry leads out of the folder, as reported by yauzl; undefined if it does not. */
export const leadsOut = ({ name }: ZipEntry): string | undefined => yauzl.validateFileName(name) ?? undefined;

/**
 * Locates the directory of a zip. Entries are read one by one; nothing is unpacked.
 *
 * @throws Error when it is not a zip or is damaged, or whatever `read` throws.
 */
export async function openZip(bytes: ZipBytes): Promise<Zip> {
  const options = { autoClose: false, decodeStrings: false };
  return new OpenZip(await fromRandomAccessReaderPromise(new Reader(bytes), bytes.size, options));
}

class OpenZip implements Zip {
  readonly #zip: ZipFile3;

  constructor(zip: ZipFile3) {
    this.#zip = zip;
  }

  async *entries(): AsyncGenerator<ZipEntry> {
    for await (const entry of this.#zip.eachEntry()) {
      const { generalPurposeBitFlag, fileNameRaw, extraFields } = entry;
      yield {
        name: getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, false),
        rawName: fileNameRaw,
        compressionMethod: entry.compressionMethod,
        isEncrypted: entry.isEncrypted(),
        compressedSize: entry.compressedSize,
        uncompressedSize: entry.uncompressedSize,
        crc32: entry.crc32,
        externalFileAttributes: entry.externalFileAttributes,
        relativeOffsetOfLocalHeader: entry.relativeOffsetOfLocalHeader,
      };
    }
  }

  header(entry: ZipEntry): Promise<LocalHeader> {
    return this.#zip.readLocalFileHeaderPromise(asYauzl(entry), { minimal: false });
  }

  async contentStart(entry: ZipEntry): Promise<number> {
    return (await this.#zip.readLocalFileHeaderPromise(asYauzl(entry), { minimal: true })).fileDataStart;
  }
}

/** yauzl uses only the position and size of an entry. */
const asYauzl = (entry: ZipEntry) => entry as unknown as yauzl.Entry;

/** Reads for yauzl. Its own reader throws from a callback if a damaged zip points to an impossible position. */
class Reader extends yauzl.RandomAccessReader {
  readonly #bytes: ZipBytes;

  constructor(bytes: ZipBytes) {
    super();
    this.#bytes = bytes;
  }

  override read(
    target: Buffer,
    offset: number,
    length: number,
    position: number,
    done: (error: Error | null) => void,
  ): void {
    this.#bytes.read(position, length).then(
      (bytes) => {
        target.set(bytes, offset);
        done(null);
      },
      (error: unknown) => done(error as Error),
    );
  }
}
