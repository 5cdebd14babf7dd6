import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { schemaOf, type DatasetImage } from '@farout/core';
import { testDataset } from '@farout/testing';
import { zip } from '../src/index.ts';
import { folderOf } from './folder-of.ts';
import { itWithPython, runPython } from './python.ts';
import { zipOf, type ZipPart } from './zip-of.ts';

const file = (content: { bytes: string }) => join(folderOf({ 'images.zip': content }), 'images.zip');
const image = (name: string, more: Partial<ZipPart> = {}): ZipPart => ({
  name,
  content: `content of ${name}, `.repeat(5),
  ...more,
});
const open = (params: Record<string, unknown>) => zip.open(schemaOf(zip).parse(params));
async function bytesOf(given: DatasetImage): Promise<string> {
  if ('read' in given) return Buffer.from((await given.read()) as Uint8Array).toString('latin1');
  if (!('path' in given)) throw new Error('neither a file nor a source');
  const { path, offset = 0, length = 0 } = given;
  return readFileSync(path).toString('latin1', offset, offset + length);
}

const archive = file(
  zipOf(
    { name: 'set/' },
    { name: 'set/b/' },
    image('set/b/2.jpg'),
    image('set/a/1.png', { packed: true }),
    image('set/B/é.JPG'),
    image('set/readme.txt', { packed: true }),
    image('set/a/.hidden.jpg'),
    { name: 'set/a/noname', content: 'GIF89a and so on' },
  ),
);

const hostile: readonly [string, { bytes: string }][] = [
  ['.. in a name', zipOf(image('a/../../b.jpg'))],
  ['an absolute name', zipOf(image('/etc/b.jpg'))],
  ['a drive', zipOf(image('C:/b.jpg'))],
  ['a NUL in a name', zipOf(image('a\0.jpg'))],
  ['a name twice', zipOf(image('a.jpg'), image('a.jpg'))],
  ['encryption', zipOf(image('a.jpg', { flags: 0x801 }))],
  ['another method', zipOf(image('a.jpg', { method: 14, says: { size: 3 } }))],
  [
    'an entry that runs into the next',
    zipOf(image('a.jpg', { says: { size: 5000, packedSize: 5000 } }), image('b.jpg', { content: 'x'.repeat(9000) })),
  ],
  [
    'an entry that lies in another',
    zipOf(image('a.jpg', { content: 'x'.repeat(500) }), image('b.jpg', { says: { offset: 100 } })),
  ],
  ['an entry behind the end', zipOf(image('a.jpg', { says: { offset: 100_000 } }))],
  ['more bytes than any image', zipOf(image('a.jpg', { packed: true, says: { size: 2 ** 31 } }))],
  ['no image', zipOf(image('readme.txt'))],
  ['no entry', zipOf()],
  ['nothing', { bytes: '' }],
  ['a web page', { bytes: '<!doctype html>'.padEnd(2000) }],
  ['an end that is missing', { bytes: zipOf(image('a.jpg')).bytes.slice(0, -30) }],
];

testDataset(zip, [
  {
    title: 'images are called by their paths, in the order of these, packed or not',
    params: { file: archive },
    ids: ['set/B/é.JPG', 'set/a/1.png', 'set/a/noname', 'set/b/2.jpg'],
    labels: [undefined, undefined, undefined, undefined],
  },
  {
    title: 'below a folder of the archive the folders may be classes',
    params: { file: archive, under: 'set', labels: 'folders' },
    ids: ['B/é.JPG', 'a/1.png', 'a/noname', 'b/2.jpg'],
    labels: [0, 1, 1, 2],
  },
  {
    title: 'a list says which folder is which class',
    params: { file: archive, under: 'set', classes: ['a', 'x', 'b', 'B'], limit: 2 },
    ids: ['B/é.JPG', 'a/1.png'],
    labels: [3, 0],
  },
  { title: 'no file is refused', params: {}, refused: 'file' },
  ...hostile.map(([title, content]) => ({
    title: `${title} fails`,
    params: { file: file(content) },
    fails: 'OOD_DATASET_INVALID' as const,
  })),
]);

describe('a zip', () => {
  it('has the bytes of its files', async () => {
    const { images } = await open({ file: archive });
    expect(await Promise.all(images.map(bytesOf))).toEqual([
      Buffer.from('content of set/B/é.JPG, '.repeat(5), 'latin1').toString('latin1'),
      'content of set/a/1.png, '.repeat(5),
      'GIF89a and so on',
      'content of set/b/2.jpg, '.repeat(5),
    ]);
    expect(images.map((each) => 'path' in each)).toEqual([true, false, true, true]);
  });

  it.each([
    ['a wrong checksum', image('a.jpg', { packed: true, says: { crc: 1 } })],
    ['fewer bytes than it says', image('a.jpg', { packed: true, says: { size: 500 } })],
    [
      'more bytes than it says, as a bomb has',
      image('a.jpg', { packed: true, content: '\0'.repeat(10 ** 7), says: { size: 100 } }),
    ],
    ['what does not unpack', image('a.jpg', { method: 8, says: { size: 500 } })],
  ])('refuses an image with %s when it is read', async (_, part) => {
    const { images } = await open({ file: file(zipOf(part)) });
    await expect(bytesOf(images[0]!)).rejects.toMatchObject({ code: 'OOD_DATASET_INVALID' });
  });

  it('passes over links, and names them', async () => {
    const { notes, images } = await open({
      file: file(zipOf(image('a.jpg'), { name: 'b.jpg', content: 'a.jpg', mode: 0o120777 })),
    });
    expect(images.map(({ id }) => id)).toEqual(['a.jpg']);
    expect(notes).toEqual(['skipped 1 entry that is not a file: b.jpg']);
  });

  for (const method of ['ZIP_STORED', 'ZIP_DEFLATED'])
    itWithPython('zipfile')(`is read as Python has written it, with large fields too: ${method}`, async () => {
      const path = join(folderOf({}), 'images.zip');
      runPython(
        `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', getattr(zipfile, sys.argv[2])) as archive:
    for n in range(200):
        with archive.open('%d/é%d.jpg' % (n % 3, n), 'w', force_zip64=n % 2 == 0) as file: file.write(b'%d-' % n * n)
    archive.comment = b'a comment'
`,
        path,
        method,
      );
      const { images } = await open({ file: path, labels: 'folders' });
      expect(images).toHaveLength(200);
      for (const each of images) {
        const n = Number(/(\d+)\.jpg$/.exec(each.id)![1]);
        expect([each.label, await bytesOf(each)]).toEqual([n % 3, `${n}-`.repeat(n)]);
      }
    });
});
