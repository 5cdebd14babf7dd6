import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { schemaOf, type ImageFile } from '@farout/core';
import { testDataset } from '@farout/testing';
import { imagenet1k } from '../src/imagenet-1k.ts';
import { imagenet } from '../src/index.ts';
import { folderOf } from './folder-of.ts';
import { matOf, packed, structs } from './mat-of.ts';
import { itWithPython, runPython } from './python.ts';
import { tarOf } from './tar-of.ts';

/** The kit's order of classes is another than that of the ids: here backwards, with a group behind. */
const synsets = [
  ...imagenet1k.keys.map((_, at) => ({
    ILSVRC2012_ID: at + 1,
    WNID: imagenet1k.keys[999 - at]!,
    words: 'w',
    num_children: 0,
  })),
  { ILSVRC2012_ID: 1001, WNID: 'n00001740', words: 'entity', num_children: 2 },
];
const truth = '490\n361\n1000\n';
const kit = (meta: { bytes: string }, text = truth) =>
  folderOf({ 'data/meta.mat': meta, 'data/ILSVRC2012_validation_ground_truth.txt': text });
const devkit = kit(matOf(packed(structs('synsets', synsets))));

const names = [3, 1, 2].map((number) => `ILSVRC2012_val_0000000${number}.JPEG`);
const flat = folderOf(Object.fromEntries(names.map((name) => [name, 'x'])));
const folders = folderOf({ 'n01440764/a.JPEG': '', 'n15075141/b.JPEG': '', 'n01443537/c.JPEG': '' });
const file = (content: { bytes: string }, name: string) => join(folderOf({ [name]: content }), name);
const val = file(tarOf(...names.map((name) => ({ name, content: name }))), 'ILSVRC2012_img_val.tar');
const inner = (...images: string[]) => tarOf(...images.map((name) => ({ name, content: `content of ${name}` }))).bytes;
const train = file(
  tarOf(
    { name: 'n01443537.tar', content: inner('n01443537_2.JPEG', 'n01443537_16.JPEG') },
    { name: 'n01440764.tar', content: inner('n01440764_18.JPEG') },
  ),
  'ILSVRC2012_img_train.tar',
);

testDataset(imagenet, [
  {
    title: "the kit's numbers go through its WordNet ids, not straight to the network's classes",
    params: { folder: flat, devkit },
    ids: [...names].sort(),
    labels: [1000 - 490, 1000 - 361, 0],
  },
  {
    title: 'the archive of validation images is read as it is',
    params: { archive: val, devkit },
    ids: [...names].sort(),
    labels: [510, 639, 0],
  },
  {
    title: 'folders of WordNet ids need no kit, whichever are there',
    params: { folder: folders },
    ids: ['n01440764/a.JPEG', 'n01443537/c.JPEG', 'n15075141/b.JPEG'],
    labels: [0, 1, 999],
  },
  {
    title: 'the archive of training images is a tar of tars, read without unpacking',
    params: { archive: train },
    ids: ['n01440764/n01440764_18.JPEG', 'n01443537/n01443537_16.JPEG', 'n01443537/n01443537_2.JPEG'],
    labels: [0, 1, 1],
  },
  {
    title: 'a limit takes the first',
    params: { archive: train, limit: 2 },
    ids: ['n01440764/n01440764_18.JPEG', 'n01443537/n01443537_16.JPEG'],
  },
  {
    title: 'with a list of classes, labels are places in it, and images of others are left out before the limit',
    params: { archive: train, classes: ['n15075141', 'n01443537'], limit: 1 },
    ids: ['n01443537/n01443537_16.JPEG'],
    labels: [1],
  },
  {
    title: 'a list of classes chooses among images that the kit names the classes of',
    params: { archive: val, devkit, classes: [imagenet1k.keys[639]!, 'n01440764'] },
    ids: [...names].sort().slice(1),
    labels: [0, 1],
  },
  {
    title: 'ImageNet-200 has n01443537, not n01440764',
    params: { folder: folders, classes: 'imagenet-200' },
    ids: ['n01443537/c.JPEG'],
    labels: [0],
  },
  { title: 'a limit of 0 is refused', params: { folder: flat, limit: 0 }, refused: 'limit' },
  ...(
    [
      ['neither a folder nor an archive', {}],
      ['both', { folder: flat, archive: val, devkit }],
      ['validation images without the kit', { folder: flat }],
      ['a folder that is no class', { folder: folderOf({ 'n00000001/a.JPEG': '' }) }],
      ['a list with another class', { folder: folders, classes: ['n01440764', 'tench'] }],
      ['a list without any of the images', { folder: folders, classes: ['n01484850', 'n01491361'] }],
      ['an image of another name', { folder: folderOf({ 'a.JPEG': '' }), devkit }],
      ['no image', { folder: folderOf({}), devkit }],
      ['a kit without its files', { folder: flat, devkit: folderOf({}) }],
      [
        'a kit with fewer labels than images',
        { folder: flat, devkit: kit(matOf(structs('synsets', synsets)), '1\n2\n') },
      ],
      ['a label that is no class', { folder: flat, devkit: kit(matOf(structs('synsets', synsets)), '1\n2\n1001\n') }],
      ['a kit that lacks a class', { folder: flat, devkit: kit(matOf(structs('synsets', synsets.slice(1)))) }],
      ['a kit of other arrays', { folder: flat, devkit: kit(matOf(structs('others', synsets))) }],
      [
        'records that break off',
        { folder: flat, devkit: kit(matOf(packed(structs('synsets', synsets).subarray(0, 4000)))) },
      ],
      [
        'two tars of one class',
        {
          archive: file(
            tarOf(
              { name: 'n01440764.tar', content: inner('a.JPEG') },
              { name: 'x/n01440764.tar', content: inner('a.JPEG') },
            ),
            't.tar',
          ),
        },
      ],
      [
        'a tar within that leads out',
        { archive: file(tarOf({ name: 'n01440764.tar', content: inner('../a.JPEG') }), 't.tar') },
      ],
      [
        'a tar within that is none',
        { archive: file(tarOf({ name: 'n01440764.tar', content: 'x'.repeat(1024) }), 't.tar') },
      ],
    ] as const
  ).map(([title, params]) => ({ title: `${title} fails`, params, fails: 'OOD_DATASET_INVALID' as const })),
]);

describe('ImageNet', () => {
  const open = (params: Record<string, unknown>) => imagenet.open(schemaOf(imagenet).parse(params));

  it('has the names of its classes, and the bytes of images where they lie', async () => {
    const { images, classes } = await open({ archive: train });
    expect(classes).toBe(imagenet1k.names);
    const { path, offset = 0, length = 0 } = images[1] as ImageFile;
    expect(path).toBe(train);
    expect(readFileSync(path).toString('latin1', offset, offset + length)).toBe('content of n01443537_16.JPEG');
  });

  it('says how many images are of no class of a list', async () => {
    const { classes, notes } = await open({ folder: folders, classes: ['n15075141', 'n01443537'] });
    expect(classes).toEqual(['n15075141', 'n01443537']);
    expect(notes).toEqual(['left out 1 image that is in none of the 2 classes']);
  });

  const write = `
import sys, numpy as np, scipy.io
ids = sys.argv[2].split(',')
dtype = [('ILSVRC2012_ID', object), ('WNID', object), ('words', object), ('children', object), ('num_children', object)]
records = np.array([(float(n + 1), ids[999 - n], 'tench, Tinca tinca', np.zeros((1, n % 3)), 0.0) for n in range(1000)], dtype=dtype)
scipy.io.savemat(sys.argv[1] + '/data/meta.mat', {'synsets': records.reshape(-1, 1)}, do_compression=sys.argv[3] == 'True')
`;
  for (const isCompressed of ['True', 'False'])
    itWithPython('scipy')(`reads a kit that scipy has written, do_compression=${isCompressed}`, async () => {
      const folder = folderOf({ 'data/ILSVRC2012_validation_ground_truth.txt': truth });
      runPython(write, folder, imagenet1k.keys.join(), isCompressed);
      const { images } = await open({ folder: flat, devkit: folder });
      expect(images.map(({ label }) => label)).toEqual([510, 639, 0]);
    });
});
