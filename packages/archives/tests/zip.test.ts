import { describe, expect, it } from '@jest/globals';
import { ZipFile } from 'yazl';
import { leadsOut, openZip, type ZipBytes, type ZipEntry } from '../src/index.ts';

async function zipped(): Promise<Buffer> {
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from('stored as it is'), 'a/ü.txt', { compress: false, mode: 0o100640 });
  zip.addBuffer(Buffer.alloc(1000), 'zeros', { compress: true });
  zip.end();
  const chunks: Uint8Array[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

const bytesOf = (bytes: Buffer): ZipBytes => ({
  size: bytes.length,
  read: (position, length) => Promise.resolve(bytes.subarray(position, position + length)),
});

async function entriesOf(bytes: Buffer): Promise<ZipEntry[]> {
  const entries: ZipEntry[] = [];
  for await (const entry of (await openZip(bytesOf(bytes))).entries()) entries.push(entry);
  return entries;
}

describe('a zip', () => {
  it('tells its entries by name, size and place', async () => {
    const bytes = await zipped();
    const zip = await openZip(bytesOf(bytes));
    const [stored, packed] = await entriesOf(bytes);
    expect(stored).toMatchObject({ name: 'a/ü.txt', compressionMethod: 0, compressedSize: 15, uncompressedSize: 15 });
    expect(stored!.rawName.toString('utf8')).toBe('a/ü.txt');
    expect(stored!.externalFileAttributes >>> 16).toBe(0o100640);
    expect(packed).toMatchObject({ name: 'zeros', compressionMethod: 8, uncompressedSize: 1000, isEncrypted: false });
    const start = await zip.contentStart(stored!);
    expect(bytes.toString('utf8', start, start + 15)).toBe('stored as it is');
    expect(await zip.header(stored!)).toMatchObject({ fileDataStart: start, fileName: Buffer.from('a/ü.txt') });
  });

  it.each([
    ['../a', /invalid relative path/],
    ['/a', /absolute path/],
    ['C:/a', /absolute path/],
  ])('gives a name that leads out as it is, and says so: %s', async (name, fault) => {
    const bytes = await zipped();
    const places = [...bytes.toString('latin1').matchAll(/zeros/g)].map(({ index }) => index);
    for (const place of places) bytes.write(name.padEnd(5, '_'), place);
    const [fine, out] = await entriesOf(bytes);
    expect(out!.name).toBe(name.padEnd(5, '_'));
    expect(leadsOut(out!)).toMatch(fault);
    expect(leadsOut(fine!)).toBeUndefined();
  });

  it('throws where it is none, is damaged, or cannot be read', async () => {
    await expect(openZip(bytesOf(Buffer.alloc(100)))).rejects.toThrow(/End of central directory/i);
    const bytes = await zipped();
    const [entry] = await entriesOf(bytes);
    const damaged = Buffer.from(bytes).fill(0, 0, 4);
    await expect((await openZip(bytesOf(damaged))).contentStart(entry!)).rejects.toThrow(/signature/);
    const read = () => Promise.reject(new Error('the disk is gone'));
    await expect(openZip({ size: bytes.length, read })).rejects.toThrow('the disk is gone');
  });
});
