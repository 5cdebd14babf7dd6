import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { schemaOf, type ImageFile } from '@farout/core';
import { testDataset } from '@farout/testing';
import { webdataset } from '../src/index.ts';
import { folderOf } from './folder-of.ts';
import { itWithPython, runPython } from './python.ts';
import { tarOf } from './tar-of.ts';

const shard = (...files: (readonly [string, string])[]) =>
  tarOf(...files.map(([name, content]) => ({ name, content })));
const folder = folderOf({
  'val-000001.tar': shard(['2.jpg', 'two'], ['2.cls', '7\n'], ['2.json', '{"label":7,"meta":{"class":"3"}}']),
  'val-000000.tar': shard(
    ['1.jpg', 'one'],
    ['1.seg.png', 'segments'],
    ['1.cls', '5'],
    ['1.json', '{"label":5,"meta":{"class":1}}'],
    ['sub/0.json', '{"label":-1,"meta":{"class":0}}'],
    ['sub/0.cls', '-1'],
    ['sub/0.jpg', 'zero'],
    ['._2.jpg', 'of another system'],
    ['notes.txt', 'no image'],
  ),
  'train-000000.tar': shard(['9.jpg', 'nine']),
  'notes.txt': '',
});
const val = { folder, prefix: 'val-', image: 'jpg' };
const ids = ['val-000000.tar/1.jpg', 'val-000000.tar/sub/0.jpg', 'val-000001.tar/2.jpg'];
const one = (...files: (readonly [string, string])[]) => ({ folder: folderOf({ 'a.tar': shard(...files) }) });

testDataset(webdataset, [
  {
    title: 'shards are read in the order of their names',
    params: { ...val, label: 'cls' },
    ids,
    labels: [5, undefined, 7],
  },
  { title: 'a JSON file may say the class', params: { ...val, label: 'json:label' }, ids, labels: [5, undefined, 7] },
  { title: 'at any depth of it', params: { ...val, label: 'json:meta:class' }, ids, labels: [1, 0, 3] },
  { title: 'without "label" there is none', params: val, ids, labels: [undefined, undefined, undefined] },
  {
    title: 'all shards count without a prefix, and a limit ends within one',
    params: { folder, image: 'jpg', limit: 2 },
    ids: ['train-000000.tar/9.jpg', ids[0]!],
  },
  { title: 'no folder is refused', params: {}, refused: 'folder' },
  ...(
    [
      ['a folder without a shard', { folder: folderOf({ 'a.jpg': '' }) }],
      ['a prefix without a shard', { folder, prefix: 'x' }],
      ['an extension without an image', { ...val, image: 'webp' }],
      ['two images of one sample', { folder, prefix: 'val-' }],
      ['an image without a label', { ...one(['1.jpg', 'x']), label: 'cls' }],
      ['a label that is no number', { ...one(['1.jpg', 'x'], ['1.cls', 'cat']), label: 'cls' }],
      ['a label below −1', { ...one(['1.jpg', 'x'], ['1.cls', '-2']), label: 'cls' }],
      ['a label with a fraction', { ...one(['1.jpg', 'x'], ['1.json', '{"label":1.5}']), label: 'json:label' }],
      ['JSON that is none', { ...one(['1.jpg', 'x'], ['1.json', '{']), label: 'json:label' }],
      ['a label of 100,000 bytes', { ...one(['1.jpg', 'x'], ['1.cls', '1'.repeat(100_000)]), label: 'cls' }],
      ['a shard that is no tar', { folder: folderOf({ 'a.tar': 'x'.repeat(2000) }) }],
      ['a name that leads out', one(['../1.jpg', 'x'])],
    ] as const
  ).map(([title, params]) => ({ title: `${title} fails`, params, fails: 'OOD_DATASET_INVALID' as const })),
]);

describe('an image of a shard', () => {
  const open = (params: Record<string, unknown>) => webdataset.open(schemaOf(webdataset).parse(params));

  it('is read where it lies', async () => {
    const { images } = await open(val);
    const found = images.map((image) => {
      const { path, offset = 0, length = 0 } = image as ImageFile;
      return readFileSync(path).toString('latin1', offset, offset + length);
    });
    expect(found).toEqual(['one', 'zero', 'two']);
  });

  it('may lie in a shard that is packed', async () => {
    const packed = gzipSync(Buffer.from(shard(['1.jpg', 'one'], ['1.cls', '4']).bytes, 'latin1')).toString('latin1');
    const home = process.env.XDG_CACHE_HOME;
    process.env.XDG_CACHE_HOME = folderOf({});
    const { images } = await open({ folder: folderOf({ 'a.tar.gz': { bytes: packed } }), label: 'cls' });
    expect(images.map(({ id, label }) => [id, label])).toEqual([['a.tar.gz/1.jpg', 4]]);
    if (home === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = home;
  });

  itWithPython('tarfile')('is found in shards that Python has written', async () => {
    const into = folderOf({});
    runPython(
      `
import io, sys, tarfile
with tarfile.open(sys.argv[1], 'w') as archive:
    for n in range(300):
        for extension, content in (('cls', b'%d' % (n % 10)), ('jpg', b'image %d' % n)):
            entry = tarfile.TarInfo('%08d.%s' % (n, extension))
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
`,
      join(into, 'a.tar'),
    );
    const { images } = await open({ folder: into, label: 'cls' });
    expect(images.map(({ label }) => label)).toEqual(Array.from({ length: 300 }, (_, n) => n % 10));
  });
});
