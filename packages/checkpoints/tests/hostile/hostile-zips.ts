import { deflateRawSync } from 'node:zlib';
import { zipBytes, type ZipEntryBytes } from '../parts/checkpoints.ts';
import { bytes, dictionary, program, tensor } from '../parts/pickles.ts';
import type { HostileFile } from './hostile-files.ts';

const value = dictionary({ w: tensor({ length: 6, shape: [2, 3], strides: [3, 1] }) });
const pickle = { name: 'archive/data.pkl', content: program(value) };
const numbers = { name: 'archive/data/0', content: Buffer.alloc(24) };
const whole = zipBytes([pickle, numbers]);
const end = whole.length - 22;

/** A good checkpoint with entries added or replaced. */
const withEntries = (...entries: ZipEntryBytes[]) => zipBytes([pickle, numbers, ...entries]);

/** A good checkpoint whose end record says something else at a place of it. */
function saying(place: number, size: 2 | 4, said: number): Buffer {
  const changed = Buffer.from(whole);
  changed.writeUIntLE(said, end + place, size);
  return changed;
}

/** A good checkpoint with a zip64 end record's locator that points at 2⁶⁴ − 1. */
const zip64 = bytes('PK\x06\x07', new Uint8Array(4), new Uint8Array(8).fill(0xff), '\x01\0\0\0');

/** A good checkpoint whose last entry begins where the first does: offsets lie 42 bytes into a directory's record. */
function overlapping(): Buffer {
  const changed = Buffer.from(whole);
  changed.writeUInt32LE(0, changed.lastIndexOf('PK\x01\x02', undefined, 'latin1') + 42);
  return changed;
}

const many = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `${i}`, content: Buffer.alloc(0) }));

export const hostileZips = (): HostileFile[] => [
  {
    title: 'a zip bomb',
    bytes: withEntries({ name: 'bomb', content: deflateRawSync(Buffer.alloc(1e8)), says: { method: 8 } }),
    message: /"bomb" is compressed/,
  },
  {
    title: 'a pickle that is a zip bomb',
    bytes: zipBytes([{ ...pickle, content: deflateRawSync(Buffer.alloc(1e8)), says: { method: 8 } }, numbers]),
    message: /compressed/,
  },
  {
    title: 'encryption',
    bytes: withEntries({ ...numbers, name: 'x', says: { flags: 1 } }),
    message: /mismatch|encrypted/,
  },
  { title: 'entries that share their bytes', bytes: overlapping(), message: /runs into the next one/ },
  { title: 'a name with ..', bytes: withEntries({ ...numbers, name: '../../x' }), message: /invalid relative path/ },
  { title: 'an absolute name', bytes: withEntries({ ...numbers, name: '/etc/x' }), message: /absolute path/ },
  { title: 'a name of Windows', bytes: withEntries({ ...numbers, name: 'C:/x' }), message: /absolute path/ },
  { title: 'a name twice', bytes: withEntries(numbers), message: /two entries "archive\/data\/0"/ },
  { title: 'two pickles', bytes: withEntries({ ...pickle, name: 'b/data.pkl' }), message: /2 pickles named data\.pkl/ },
  { title: 'no pickle', bytes: zipBytes([numbers]), message: /0 pickles named data\.pkl/ },
  { title: 'a wrong checksum', bytes: zipBytes([pickle, { ...numbers, says: { crc: 1 } }]), message: /checksum/ },
  {
    title: 'an entry of 4 GB',
    bytes: withEntries({ ...numbers, name: 'x', says: { size: 0xfffffffe } }),
    message: /larger than its \d+ bytes/,
  },
  {
    title: 'an entry whose size stands in a zip64 field that it lacks',
    bytes: withEntries({ ...numbers, name: 'x', says: { size: 0xffffffff } }),
    message: /larger than its \d+ bytes/,
  },
  {
    title: 'a zip64 directory at 2⁶⁴',
    bytes: bytes(whole.subarray(0, end), zip64, whole.subarray(end)),
    message: /directory of the zip would end/,
  },
  { title: 'more entries than its directory has', bytes: saying(10, 2, 1000), message: /damaged zip|directory/ },
  { title: 'fewer entries than it needs', bytes: saying(10, 2, 0), message: /0 pickles/ },
  { title: 'a directory past its end', bytes: saying(16, 4, 0xfffffff0), message: /damaged zip|directory/ },
  { title: 'a directory in the middle of numbers', bytes: saying(16, 4, 10), message: /damaged zip/ },
  { title: 'a comment longer than it', bytes: saying(20, 2, 60000), message: /damaged zip/ },
  { title: '50,000 entries', bytes: zipBytes(many(50_000)), message: /0 pickles/ },
  {
    title: 'another byte order',
    bytes: withEntries({ name: 'archive/byteorder', content: Buffer.from('big') }),
    message: /"big"/,
  },
  { title: 'a zip that breaks off', bytes: whole.subarray(0, end), message: /damaged zip/ },
];
