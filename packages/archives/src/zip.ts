import * as yauzl from 'yauzl';

/** Where the bytes of a zip come from: a file that is open, or whatever else has a size and can be read anywhere. */
export interface ZipBytes {
  readonly size: number;
  /** Exactly so many bytes; what it throws is thrown to who reads the zip. */
  readonly read: (position: number, length: number) => Promise<Uint8Array>;
}

/** What the directory of a zip says of an entry. */
export interface ZipEntry {
  /** Decoded as its flags say, with forward slashes; nobody has looked where it leads. */
  readonly name: string;
  /** As it is written there. */
  readonly rawName: Buffer;
  /** 0 for what is stored as it is, 8 for deflate. */
  readonly compressionMethod: number;
  readonly isEncrypted: boolean;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
  readonly crc32: number;
  /** Its upper half is the mode of Unix, if anything. */
  readonly externalFileAttributes: number;
  readonly relativeOffsetOfLocalHeader: number;
}

/** What an entry's own header says once more. */
export interface LocalHeader {
  readonly fileDataStart: number;
  readonly fileName: Buffer;
  readonly generalPurposeBitFlag: number;
  readonly compressionMethod: number;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
}

/** A zip that is open for as long as its bytes can be read. Every method throws as `openZip` does. */
export interface Zip {
  /** What the directory lists, in its order; to be read once. */
  entries(): AsyncIterable<ZipEntry>;
  /** The header that stands before an entry's content. */
  header(entry: ZipEntry): Promise<LocalHeader>;
  /** Where an entry's content begins, with one short read. */
  contentStart(entry: ZipEntry): Promise<number>;
}

/** @types/yauzl describes yauzl 2; this came with 3. Said here alone, so that the declarations of this package need no types of yauzl. */
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

/** Why the name of an entry leads out of a folder, in yauzl's words; undefined where it does not. */
export const leadsOut = ({ name }: ZipEntry): string | undefined => yauzl.validateFileName(name) ?? undefined;

/**
 * Reads where the directory of a zip lies. What it holds is told entry by entry; nothing is unpacked.
 *
 * @throws Error when it is no zip or damaged, or whatever `read` throws.
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

/** yauzl asks an entry for its place and size alone. */
const asYauzl = (entry: ZipEntry) => entry as unknown as yauzl.Entry;

/** Lets yauzl read; its own reader throws out of a callback when a damaged zip sends it to an impossible position. */
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
