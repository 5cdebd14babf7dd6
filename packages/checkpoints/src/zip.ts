import { crc32 } from 'node:zlib';
import { leadsOut, openZip, type Zip, type ZipEntry } from '@farout/archives';
import { Refusal, shown, type OpenFile } from './files.ts';

/** More entries than any network has tensors; limits the memory for the directory. */
const mostEntries = 100_000;

/** A zip whose entries are stored uncompressed, as torch.save writes it. */
export class StoredZip {
  readonly #file: OpenFile;
  readonly #zip: Zip;
  readonly #entries: ReadonlyMap<string, ZipEntry>;
  /** Where the content after each entry starts. */
  readonly #ends: ReadonlyMap<ZipEntry, number>;

  private constructor(file: OpenFile, zip: Zip, entries: ReadonlyMap<string, ZipEntry>) {
    this.#file = file;
    this.#zip = zip;
    this.#entries = entries;
    const inOrder = [...entries.values()].sort((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader);
    this.#ends = new Map(inOrder.map((entry, i) => [entry, inOrder[i + 1]?.relativeOffsetOfLocalHeader ?? Infinity]));
  }

  /**
   * Reads the directory of a zip.
   *
   * @throws Refusal when it is damaged, an entry is compressed or encrypted, a name occurs twice, or the entries together are larger than
   *   the file.
   */
  static async open(file: OpenFile): Promise<StoredZip> {
    try {
      const read = (position: number, length: number) => file.read(position, length, 'the directory of the zip');
      const zip = await openZip({ size: file.size, read });
      return new StoredZip(file, zip, await directory(zip, file.size));
    } catch (error) {
      throw damagedZip(error);
    }
  }

  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /** The size of an entry in bytes; undefined if there is none of this name. */
  size(name: string): number | undefined {
    return this.#entries.get(name)?.uncompressedSize;
  }

  /**
   * Reads the content of an entry into a new buffer.
   *
   * @throws Refusal when there is none, it overlaps the next one, or its checksum is wrong.
   */
  async read(name: string): Promise<Uint8Array<ArrayBuffer>> {
    const { start, size, crc } = await this.#place(name);
    const bytes = await this.#file.read(start, size, `entry "${shown(name)}"`);
    if (crc32(bytes) !== crc) throw otherChecksum(name);
    return bytes;
  }

  /**
   * The location of an entry's content in the file, after verifying its checksum in bounded memory.
   *
   * @throws Refusal as `read` does.
   */
  async checkedPlace(name: string): Promise<{ readonly start: number; readonly size: number }> {
    const { start, size, crc } = await this.#place(name);
    let found = 0;
    for (let at = 0; at < size; at += pieceBytes) {
      found = crc32(
        await this.#file.read(start + at, Math.min(pieceBytes, size - at), `entry "${shown(name)}"`),
        found,
      );
    }
    if (found !== crc) throw otherChecksum(name);
    return { start, size };
  }

  async #place(name: string): Promise<{ readonly start: number; readonly size: number; readonly crc: number }> {
    const entry = this.#entries.get(name);
    if (!entry) throw new Refusal(`the zip has no entry "${shown(name)}"`);
    const start = await this.#start(entry);
    if (start + entry.uncompressedSize > this.#ends.get(entry)!) {
      throw new Refusal(`entry "${shown(name)}" of the zip runs into the next one`);
    }
    return { start, size: entry.uncompressedSize, crc: entry.crc32 };
  }

  async #start(entry: ZipEntry): Promise<number> {
    try {
      return await this.#zip.contentStart(entry);
    } catch (error) {
      throw damagedZip(error);
    }
  }
}

/** The part of an entry in memory at a time while computing its checksum. */
const pieceBytes = 2 ** 26;

const otherChecksum = (name: string) =>
  new Refusal(`the content of entry "${shown(name)}" does not have the checksum in the zip`);

/** A program, which is never executed. */
const torchScript = [
  'it is TorchScript, which torch.jit.save writes: a program with its weights',
  'Save the weights alone: torch.save(torch.jit.load(path).state_dict(), path).',
] as const;

async function directory(zip: Zip, fileSize: number): Promise<Map<string, ZipEntry>> {
  const entries = new Map<string, ZipEntry>();
  let total = 0;
  for await (const entry of zip.entries()) {
    const name = shown(entry.name);
    const fault = leadsOut(entry);
    if (fault !== undefined) throw new Refusal(`damaged zip: ${shown(fault)}`);
    if (/\/code\/.*\.py$/.test(entry.name)) throw new Refusal(...torchScript);
    if (entry.compressionMethod !== 0 || entry.isEncrypted) {
      throw new Refusal(`entry "${name}" is compressed or encrypted`, 'Unpack the zip and save the state_dict again.');
    }
    if (entries.has(entry.name)) throw new Refusal(`the zip has two entries "${name}"`);
    if (entries.size === mostEntries) throw new Refusal(`the zip has more than ${mostEntries} entries`);
    total += entry.uncompressedSize;
    if (total > fileSize) throw new Refusal(`the entries of the zip are together larger than its ${fileSize} bytes`);
    entries.set(entry.name, entry);
  }
  return entries;
}

const damagedZip = (cause: unknown) =>
  cause instanceof Refusal ? cause : new Refusal(`damaged zip: ${(cause as Error).message}`, undefined, { cause });
