import { crc32, deflateRawSync } from 'node:zlib';

/** What an entry says; what is absent is as usual. */
export interface ZipEntry {
  readonly name: string | Buffer;
  readonly content?: Buffer | string;
  readonly isDeflated?: boolean;
  readonly mode?: number;
  readonly method?: number;
  readonly flags?: number;
  /** What both headers say, whatever the content is. */
  readonly size?: number;
  readonly crc?: number;
  /** What the local header alone says. */
  readonly localName?: string;
  readonly localSize?: number;
  /** Where the directory says that it lies. */
  readonly offset?: number;
}

/** A zip of these entries, one after the other. */
export function zip(...entries: readonly ZipEntry[]): Buffer {
  const [locals, centrals]: Buffer[][] = [[], []];
  let at = 0;
  for (const entry of entries) {
    const { local, central } = made(entry, at);
    locals!.push(local);
    centrals!.push(central);
    at += local.length;
  }
  const directory = Buffer.concat(centrals!);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals!, directory, end]);
}

function made(entry: ZipEntry, at: number): { local: Buffer; central: Buffer } {
  const { isDeflated = false, mode = 0o100644, flags = 0x800, offset = at } = entry;
  const content = Buffer.from(entry.content ?? '');
  const data = isDeflated ? deflateRawSync(content) : content;
  const { method = isDeflated ? 8 : 0, size = content.length, crc = crc32(content) } = entry;
  const name = Buffer.from(entry.name);
  const localName = Buffer.from(entry.localName ?? entry.name);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  [20, flags, method].forEach((value, index) => local.writeUInt16LE(value, 4 + 2 * index));
  [crc, data.length, entry.localSize ?? size].forEach((value, index) => local.writeUInt32LE(value, 14 + 4 * index));
  local.writeUInt16LE(localName.length, 26);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  [0x031e, 20, flags, method].forEach((value, index) => central.writeUInt16LE(value, 4 + 2 * index));
  [crc, data.length, size].forEach((value, index) => central.writeUInt32LE(value, 16 + 4 * index));
  central.writeUInt16LE(name.length, 28);
  central.writeUInt32LE(mode * 0x10000, 38);
  central.writeUInt32LE(offset, 42);
  return { local: Buffer.concat([local, localName, data]), central: Buffer.concat([central, name]) };
}
