import { deflateSync } from 'node:zlib';

const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]);

/** An element of a MATLAB file: type, length, bytes up to a multiple of eight. */
export function element(type: number, bytes: Buffer | string, length = bytes.length): Buffer {
  const tag = Buffer.alloc(8);
  tag.writeUInt32LE(type);
  tag.writeUInt32LE(length, 4);
  return Buffer.concat([tag, padded(Buffer.from(bytes as string, 'latin1'))]);
}

/** An element of at most four bytes, which MATLAB writes into its tag. */
export function small(type: number, bytes: Buffer): Buffer {
  const tag = Buffer.alloc(8);
  tag.writeUInt16LE(type);
  tag.writeUInt16LE(bytes.length, 2);
  bytes.copy(tag, 4);
  return tag;
}

const integers = (...values: number[]) => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [at, value] of values.entries()) bytes.writeInt32LE(value, 4 * at);
  return bytes;
};

/** An array: its class, sizes, name and what follows. */
export const array = (kind: number, sizes: readonly number[], name: string, ...rest: Buffer[]): Buffer =>
  element(
    14,
    Buffer.concat([element(6, integers(kind, 0)), element(5, integers(...sizes)), element(1, name), ...rest]),
  );

/** Records of texts and numbers. */
export function structs(name: string, records: readonly Readonly<Record<string, string | number>>[]): Buffer {
  const fields = Object.keys(records[0]!);
  const names = fields.map((field) => field.padEnd(32, '\0')).join('');
  const values = records.flatMap((record) =>
    fields.map((field) => {
      const value = record[field]!;
      return typeof value === 'string'
        ? array(4, [1, value.length], '', element(16, value))
        : array(6, [1, 1], '', small(4, Buffer.from([value & 255, value >> 8])));
    }),
  );
  return array(2, [records.length, 1], name, small(5, integers(32)), element(1, names), ...values);
}

/** The same compressed. */
export const packed = (bytes: Buffer): Buffer => {
  const deflated = deflateSync(bytes);
  const tag = Buffer.alloc(8);
  tag.writeUInt32LE(15);
  tag.writeUInt32LE(deflated.length, 4);
  return Buffer.concat([tag, deflated]);
};

/** A file of these arrays, a character a byte. */
export const matOf = (...arrays: Buffer[]) => ({
  bytes: Buffer.concat([Buffer.from('MATLAB 5.0 MAT-file'.padEnd(124) + '\x00\x01IM', 'latin1'), ...arrays]).toString(
    'latin1',
  ),
});
