import { describe, expect, it } from '@jest/globals';
import { Refusal, withFile } from '../src/files.ts';
import { StoredZip } from '../src/zip.ts';
import { zipBytes } from './parts/checkpoints.ts';
import { bytes } from './parts/pickles.ts';
import { inFile } from './parts/surroundings.ts';

const content = Buffer.from('some bytes');
const entry = { name: 'a/b', content };

/** Reads the entry a/b of a zip. */
const read = (zip: Uint8Array) =>
  inFile(zip, (path) => withFile(path, async (file) => (await StoredZip.open(file)).read('a/b')));

describe('StoredZip', () => {
  it('gives the content of an entry', async () => {
    expect(Buffer.from(await read(zipBytes([{ name: 'first', content: Buffer.from('x') }, entry])))).toEqual(content);
  });

  it.each([
    ['an entry that is not there', zipBytes([{ ...entry, name: 'other' }]), /no entry "a\/b"/],
    ['a compressed entry', zipBytes([{ ...entry, says: { method: 8 } }]), /compressed or encrypted/],
    [
      'a program of TorchScript',
      zipBytes([{ ...entry, name: 'net/code/__torch__/torchvision/models/resnet.py', says: { method: 8 } }]),
      /it is TorchScript, which torch\.jit\.save writes/,
    ],
    ['an encrypted entry', zipBytes([{ ...entry, says: { flags: 1 } }]), /mismatch|encrypted/],
    ['two entries of one name', zipBytes([entry, entry]), /two entries "a\/b"/],
    ['a checksum that does not fit', zipBytes([{ ...entry, says: { crc: 1 } }]), /does not have the checksum/],
    ['an entry larger than the file', zipBytes([{ ...entry, says: { size: 1000 } }]), /larger than its \d+ bytes/],
    [
      'entries that are together larger than the file',
      zipBytes(['b', 'c', 'd'].map((name) => ({ name: `a/${name}`, content, says: { size: 150 } }))),
      /together larger/,
    ],
    ['a path that leads out', zipBytes([{ ...entry, name: '../b' }]), /damaged zip: invalid relative path/],
    ['an absolute path', zipBytes([{ ...entry, name: '/b' }]), /damaged zip: absolute path/],
    [
      'entries that share their bytes',
      zipBytes([
        { ...entry, says: { size: 100 } },
        { name: 'a/c', content: Buffer.alloc(200) },
      ]),
      /entry "a\/b" of the zip runs into the next one/,
    ],
    ['no directory', zipBytes([entry]).subarray(0, 30), /damaged zip/],
  ])('refuses %s', async (_, zip, message) => {
    const failure: unknown = await read(zip).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Refusal);
    expect((failure as Refusal).message).toMatch(message);
  });

  it('refuses a directory at a position that no file has', async () => {
    const zip = zipBytes([entry]);
    const end = zip.length - 22;
    const zip64 = bytes('PK\x06\x07', new Uint8Array(4), new Uint8Array(8).fill(0xff), '\x01\0\0\0');
    await expect(read(bytes(zip.subarray(0, end), zip64, zip.subarray(end)))).rejects.toThrow(
      /the directory of the zip would/,
    );
  });
});
