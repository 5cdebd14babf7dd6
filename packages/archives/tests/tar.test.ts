import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { extract, pack, type Header } from 'tar-stream';
import { tarEntries, type TarBytes, type TarEntry } from '../src/index.ts';

/** What tar-stream makes of headers, each with its content. */
async function packed(...entries: [header: Partial<Header> & { name: string }, content?: string][]): Promise<Buffer> {
  const tar = pack();
  for (const [header, content = ''] of entries) tar.entry(header, content);
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

/** Bytes of which all can be reached. */
function bytesOf(bytes: Buffer): TarBytes {
  let at = 0;
  return {
    take: (length) => {
      const taken = bytes.subarray(at, (at += length));
      return Promise.resolve(taken.length < length ? undefined : taken);
    },
    moveTo: (place) => void (at = place),
  };
}

async function entriesOf(bytes: Buffer) {
  const entries: TarEntry[] = [];
  for await (const entry of tarEntries(bytesOf(bytes), (message) => new Error(message))) entries.push(entry);
  return entries;
}

/** With the sum that its bytes then have. */
function changed(bytes: Buffer, block: number, change: (header: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  const header = copy.subarray(block * 512, block * 512 + 512);
  change(header);
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return copy;
}

const long = `${'folder/'.repeat(20)}é.jpg`;

describe('the entries of a tar', () => {
  it('are told by name, kind and place, with content of any length between them', async () => {
    const bytes = await packed(
      [{ name: 'a/', type: 'directory' }],
      [{ name: 'a/one.jpg' }, 'one'],
      [{ name: 'a/ü.jpg' }, 'x'.repeat(512)],
      [{ name: 'empty' }],
      [{ name: 'link', type: 'symlink', linkname: 'a' }],
      [{ name: 'other', type: 'link', linkname: 'a/one.jpg' }],
      [{ name: 'null', type: 'character-device' }],
      [{ name: 'fifo', type: 'fifo' }],
      [{ name: long }, 'two'],
    );
    const entries = await entriesOf(bytes);
    expect(entries.map(({ name, kind, size }) => [name, kind, size])).toEqual([
      ['a/', 'folder', 0],
      ['a/one.jpg', 'file', 3],
      ['a/ü.jpg', 'file', 512],
      ['empty', 'file', 0],
      ['link', 'symbolic link', 0],
      ['other', 'hard link', 0],
      ['null', 'device', 0],
      ['fifo', 'pipe', 0],
      [long, 'file', 3],
    ]);
    const content = ({ offset, size }: { offset: number; size: number }) =>
      bytes.toString('utf8', offset, offset + size);
    expect([content(entries[1]!), content(entries[2]!), content(entries[8]!)]).toEqual(['one', 'x'.repeat(512), 'two']);
  });

  it('may be larger than their own header can say', async () => {
    const size = 9 * 2 ** 30;
    const pax = await packed([{ name: 'big', pax: { size: String(size) } }]);
    expect(await entriesOf(pax)).toEqual([{ name: 'big', kind: 'file', offset: 1536, size }]);
    const binary = changed(await packed([{ name: 'big' }]), 0, (header) => {
      header.fill(0, 124, 136);
      header[124] = 0x80;
      header.writeUIntBE(size, 130, 6);
    });
    expect(await entriesOf(binary)).toEqual([{ name: 'big', kind: 'file', offset: 512, size }]);
  });

  it('are links where a file has a target, and sparse where pax says so', async () => {
    const kindOf = async (pax: Record<string, string>) =>
      (await entriesOf(await packed([{ name: 'a', pax }])))[0]?.kind;
    expect(await kindOf({ linkpath: '/etc' })).toBe('link');
    expect(await kindOf({ 'GNU.sparse.major': '1' })).toBe('sparse file');
    expect(await kindOf({ comment: 'of no meaning' })).toBe('file');
  });

  it('end where the archive does, also without its zeros', async () => {
    const bytes = await packed([{ name: 'a' }, 'x'], [{ name: 'b' }]);
    expect((await entriesOf(bytes.subarray(0, 1536))).map(({ name }) => name)).toEqual(['a', 'b']);
  });
});

/** A header of pax with a text of one's own. */
const withPax = async (text: string, type = 'x') => {
  const bytes = await packed([{ name: 'pax' }, text], [{ name: 'a' }, 'abc']);
  return changed(bytes, 0, (header) => header.write(type, 156));
};
const size = (text: string) => async () =>
  changed(await packed([{ name: 'a' }, 'abc']), 0, (header) => header.fill(0, 124, 136).write(text, 124, 'latin1'));
const name = (text: string) => async () =>
  changed(await packed([{ name: 'a' }, 'abc']), 0, (header) => header.write(text, 0, 'latin1'));
const twice = async () => {
  const [one, file] = [(await withPax('10 path=b\n')).subarray(0, 1024), await packed([{ name: 'a' }])];
  return Buffer.concat([one, one, file]);
};

describe('what readers of tars do not agree about is refused', () => {
  it.each<[string, () => Promise<Buffer>, RegExp]>([
    ['what is no tar', () => Promise.resolve(Buffer.from('<html>'.repeat(200))), /it is not a tar file/],
    [
      'a header that no tar has',
      async () => changed(await packed([{ name: 'a' }]), 0, (h) => h.write('pax', 257)),
      /not a tar file/,
    ],
    [
      'a damaged header',
      async () => (await packed([{ name: 'a' }], [{ name: 'b' }])).fill('x', 512, 514),
      /at byte 512/,
    ],
    ['a name that goes on behind a zero', name('a\0b'), /continues after a zero byte/],
    ['a name that is not UTF-8', name('a\xff'), /not UTF-8/],
    ['a size that is none', size('abc'), /no size, or an impossible one/],
    ['a size with digits that are none', size('00000000128'), /no size/],
    ['digits behind the end of a size', size('3\x007'), /no size/],
    ['a negative size', size('\xff'.repeat(12)), /no size/],
    ['a size beyond all numbers', size(`\x80${'\xff'.repeat(11)}`), /not a tar file/],
    [
      'a folder with content',
      async () => changed(await packed([{ name: 'a' }, 'x']), 0, (h) => h.write('5', 156)),
      /folder/,
    ],
    ['a file with the name of a folder', name('a/'), /a folder in it has content/],
    ['a pax header that lies about its length', () => withPax('99 path=b\n'), /pax header in it is damaged/],
    ['one of no length', () => withPax('0 path=b\n'), /pax header in it is damaged/],
    ['one without a key', () => withPax('6 =ab\n'), /pax header in it is damaged/],
    ['one that says something twice', () => withPax('10 path=b\n10 path=c\n'), /has a duplicate key/],
    ['a size of pax that is another', () => withPax('10 size=2\n'), /contradicts the size in an entry's own header/],
    ['a size of pax that is none', () => withPax('12 size=3e0\n'), /an invalid size/],
    [
      'a name of pax that is not UTF-8',
      async () => {
        const bytes = await withPax('11 path=b_\n');
        return bytes.fill(0xff, 521, 522);
      },
      /not UTF-8/,
    ],
    ['a name of all entries', () => withPax('10 path=b\n', 'g'), /all entries at once/],
    ['a size of all entries', () => withPax('10 size=3\n', 'g'), /all entries at once/],
    ['two long names', twice, /two long names/],
    [
      'a long name of nothing',
      async () => Buffer.concat([(await withPax('10 path=b\n')).subarray(0, 1024), Buffer.alloc(1024)]),
      /ends after a long-name header/,
    ],
    ['a long name that breaks off', async () => (await withPax('10 path=b\n')).subarray(0, 515), /is truncated/],
    [
      'a long name without end',
      async () => changed(await withPax('x'.repeat(70_000)), 0, () => undefined),
      /header of 70000 bytes/,
    ],
  ])('%s', async (_, make, message) => {
    await expect(entriesOf(await make())).rejects.toThrow(message);
  });

  it('whatever byte of a header is another: what is read is what tar-stream reads', async () => {
    const whole = await packed(
      [{ name: 'folder/one.jpg' }, 'one'],
      [{ name: long }, 'two'],
      [{ name: 'three' }, 'three'],
    );
    const headers = [0, 2, 4, 6];
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...headers),
        fc.nat(511),
        fc.oneof(fc.nat(255), fc.constantFrom(0, 0x20, 0x2f, 0x30, 0x37, 0x80)),
        async (block, at, byte) => {
          const bytes = changed(whole, block, (header) => (header[at] = byte));
          const own = await entriesOf(bytes).catch(() => undefined);
          const isPlain = ({ kind, offset, size }: TarEntry) =>
            (kind === 'file' || kind === 'folder') && offset + size <= bytes.length;
          if (!own?.every(isPlain)) return;
          accepted++;
          expect(own.map(({ name, size }) => [name, size])).toEqual(await read(bytes));
        },
      ),
      { numRuns: 1500, seed: 1 },
    );
    expect(accepted).toBeGreaterThan(500);
  });
});

/** Names and sizes by tar-stream. */
async function read(bytes: Buffer): Promise<[string, number][]> {
  const extraction = extract();
  extraction.end(bytes);
  const found: [string, number][] = [];
  for await (const entry of extraction) {
    found.push([entry.header.name, entry.header.size]);
    entry.resume();
  }
  return found;
}
