import { crc32, deflateRawSync } from 'node:zlib';

/** An entry of a zip, and what its headers say where that is not so. */
export interface ZipPart {
  readonly name: string;
  readonly content?: string;
  readonly packed?: boolean;
  readonly method?: number;
  readonly flags?: number;
  /** Unix's mode. */
  readonly mode?: number;
  readonly says?: {
    readonly size?: number;
    readonly crc?: number;
    readonly offset?: number;
    readonly packedSize?: number;
  };
}

const numbers = (...fields: (readonly [bytes: 2 | 4, value: number])[]) =>
  Buffer.concat(
    fields.map(([bytes, value]) => {
      const field = Buffer.alloc(bytes);
      if (bytes === 2) field.writeUInt16LE(value);
      else field.writeUInt32LE(value >>> 0);
      return field;
    }),
  );

/** A zip of these entries, a character a byte. */
export function zipOf(...parts: readonly ZipPart[]): { bytes: string } {
  const pieces: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const {
    name,
    content = '',
    packed = false,
    method = packed ? 8 : 0,
    flags = 0x800,
    mode = 0o100644,
    says = {},
  } of parts) {
    const [bytes, title] = [Buffer.from(content, 'latin1'), Buffer.from(name, 'utf8')];
    const data = packed ? deflateRawSync(bytes) : bytes;
    const common = numbers(
      ...([
        [2, 20],
        [2, flags],
        [2, method],
        [2, 0],
        [2, 0],
      ] as const),
      [4, says.crc ?? crc32(bytes)],
      [4, says.packedSize ?? data.length],
      [4, says.size ?? bytes.length],
      [2, title.length],
      [2, 0],
    );
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, title, data]);
    const rest = numbers([2, 0], [2, 0], [2, 0], [4, mode * 2 ** 16], [4, says.offset ?? at]);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, rest, title]));
    pieces.push(local);
    at += local.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = numbers([2, 0], [2, 0], [2, parts.length], [2, parts.length], [4, size], [4, at], [2, 0]);
  return {
    bytes: Buffer.concat([...pieces, ...directory, Buffer.from('PK\x05\x06', 'latin1'), end]).toString('latin1'),
  };
}
