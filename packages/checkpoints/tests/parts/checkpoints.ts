import { crc32 } from 'node:zlib';
import { bytes, program, text } from './pickles.ts';

/** The bytes of each storage, by key. */
export type Storages = Readonly<Record<string, Float32Array | BigInt64Array>>;

export interface ZipEntryBytes {
  readonly name: string;
  readonly content: Uint8Array;
  /** What the directory says instead of the truth. */
  readonly says?: { readonly size?: number; readonly crc?: number; readonly method?: number; readonly flags?: number };
}

const uint16 = (value: number) => Buffer.from(Uint16Array.of(value).buffer);
const uint32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer);

/** A zip of stored entries, by the format's specification (PKWARE, APPNOTE.TXT, 4.3). */
export function zipBytes(entries: readonly ZipEntryBytes[]): Buffer {
  let offset = 0;
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  for (const { name, content, says = {} } of entries) {
    const size = says.size ?? content.length;
    const common = bytes(
      uint16(says.flags ?? 0),
      uint16(says.method ?? 0),
      uint32(0),
      uint32(says.crc ?? crc32(content)),
      uint32(size),
      uint32(size),
      uint16(Buffer.byteLength(name)),
      uint16(0),
    );
    const entry = bytes('PK\x03\x04', uint16(20), common, Buffer.from(name), content);
    central.push(
      bytes('PK\x01\x02', uint16(20), uint16(20), common, new Uint8Array(10), uint32(offset), Buffer.from(name)),
    );
    local.push(entry);
    offset += entry.length;
  }
  const directory = bytes(...central);
  const counts = bytes(uint16(entries.length), uint16(entries.length));
  const end = bytes('PK\x05\x06', uint32(0), counts, uint32(directory.length), uint32(offset), uint16(0));
  return bytes(...local, directory, end);
}

const raw = (data: Float32Array | BigInt64Array) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** What torch.save writes now: `value` is the pickled object without PROTO and STOP. */
export const zipCheckpoint = (value: string | Uint8Array, storages: Storages, more: ZipEntryBytes[] = []): Buffer =>
  zipBytes([
    { name: 'archive/data.pkl', content: program(value) },
    ...Object.entries(storages).map(([key, data]) => ({ name: `archive/data/${key}`, content: raw(data) })),
    ...more,
  ]);

const magic = Buffer.from('8a0a6cfc9c46f9206aa85019', 'hex');
const uint64 = (value: number) => Buffer.from(BigInt64Array.of(BigInt(value)).buffer);

/** What torch.save wrote before PyTorch 1.6. */
export const legacyCheckpoint = (value: string | Uint8Array, storages: Storages, littleEndian = '\x88'): Buffer =>
  bytes(
    program(magic),
    program('M', uint16(1001)),
    program('}', text('little_endian'), littleEndian, 's'),
    program(value),
    program('](', ...Object.keys(storages).map(text), 'e'),
    ...Object.values(storages).flatMap((data) => [uint64(data.length), raw(data)]),
  );
