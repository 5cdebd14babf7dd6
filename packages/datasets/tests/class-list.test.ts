import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { schemaOf } from '@farout/core';
import { readClassList } from '../src/class-list.ts';
import { imagenet1k } from '../src/imagenet-1k.ts';
import { imagenet200 } from '../src/imagenet-200.ts';
import { imageFolder } from '../src/index.ts';
import { folderOf } from './folder-of.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('imagenet-1k', () => {
  it('has the WordNet ids of timm 1.0.29, imagenet_synsets.txt, byte by byte', () => {
    expect(imagenet1k.keys).toHaveLength(1000);
    expect(sha256(imagenet1k.keys.map((key) => `${key}\n`).join(''))).toBe(
      '70002b0ff5de60a3a17a82dbfcff291931f96225ddf941ad2e182fc39e183d15',
    );
  });

  it('has the names of torchvision 0.14.1, _IMAGENET_CATEGORIES, joined by line feeds', () => {
    expect(imagenet1k.names).toHaveLength(1000);
    expect(sha256(imagenet1k.names.join('\n'))).toBe(
      '0b0f9fee7c952f257418d62aa701f023a9da13b443a14f5c4291e5724d92967c',
    );
  });

  // Pairs as torchvision's documentation and ImageNet's browser show them.
  it.each([
    [0, 'n01440764', 'tench'],
    [207, 'n02099601', 'golden retriever'],
    [281, 'n02123045', 'tabby'],
    [817, 'n04285008', 'sports car'],
    [999, 'n15075141', 'toilet tissue'],
  ])('has the class %i as %s, %s', (label, key, name) => {
    expect([imagenet1k.keys[label], imagenet1k.names[label]]).toEqual([key, name]);
  });

  it('is in the order of its ids, each of which is there once', () => {
    expect([...new Set(imagenet1k.keys)].sort()).toEqual(imagenet1k.keys);
  });
});

describe('imagenet-200', () => {
  it('has the WordNet ids of ImageNet-R, a line each, as detectors lists them (src/detectors/data/imagenet.py)', () => {
    expect(imagenet200.keys).toHaveLength(200);
    expect(sha256(imagenet200.keys.map((key) => `${key}\n`).join(''))).toBe(
      'a6a0729f7a99230280639cab6e51e01485a3b41a676ea35621a501c9d6e83ca4',
    );
  });

  // Validation images whose classes are known, with their labels in OpenOOD's val_imagenet200.txt.
  it.each([
    ['ILSVRC2012_val_00014467', 'n01484850', 1],
    ['ILSVRC2012_val_00015545', 'n01494475', 2],
  ])("counts them as OpenOOD's list does: %s, %s, is %i", (_, key, label) => {
    expect(imagenet200.keys.indexOf(key)).toBe(label);
    expect(imagenet200.names[label]).toBe(imagenet1k.names[imagenet1k.keys.indexOf(key)]);
  });
});

const file = (text: string) => join(folderOf({ 'classes.txt': text }), 'classes.txt');

describe('a list of classes', () => {
  it('is known by its name, written in the experiment, or in a file', async () => {
    expect(await readClassList('imagenet-1k')).toBe(imagenet1k);
    expect(await readClassList('imagenet-200')).toBe(imagenet200);
    expect(await readClassList(['cat', 'dog'])).toEqual({ keys: ['cat', 'dog'], names: ['cat', 'dog'] });
    expect(await readClassList(file('n01\ttench\r\nn02\t\nwith blanks\n\n'))).toEqual({
      keys: ['n01', 'n02', 'with blanks'],
      names: ['tench', 'n02', 'with blanks'],
    });
  });

  it.each([
    ['a name twice', ['a', 'b', 'a'], '"classes" has 1 name more than once: a'],
    ['a file that is not there', '/nowhere/classes.txt', 'cannot be read'],
    ['an empty file', file(''), 'names 0 classes'],
    ['one class', file('one'), 'names 1 class'],
  ])('is refused with %s', async (_, given, message) => {
    await expect(readClassList(given)).rejects.toMatchObject({
      code: 'OOD_DATASET_INVALID',
      message: expect.stringContaining(message) as unknown,
    });
  });
});

const open = (params: Record<string, unknown>) => imageFolder.open(schemaOf(imageFolder).parse(params));
const labels = async (params: Record<string, unknown>) =>
  Object.fromEntries((await open(params)).images.map(({ id, label }) => [id, label]));

describe('the classes of image-folder', () => {
  it('are those of the list, of which folders may be some', async () => {
    const root = folderOf({ 'n02099601/a.jpg': '', 'n01440764/deep/b.jpg': '', 'c.jpg': '' });
    expect(await labels({ root, classes: 'imagenet-1k' })).toEqual({
      'n02099601/a.jpg': 207,
      'n01440764/deep/b.jpg': 0,
      'c.jpg': undefined,
    });
    expect((await open({ root, classes: 'imagenet-1k' })).classes).toBe(imagenet1k.names);
  });

  it('are all folders, by their names, without a list', async () => {
    const root = folderOf({ 'b/1.jpg': '', 'a/2.jpg': '', '10/3.jpg': '', '9/4.jpg': '' });
    const { classes, images } = await open({ root, labels: 'folders' });
    expect(classes).toEqual(['10', '9', 'a', 'b']);
    expect(images.map(({ label }) => label)).toEqual([0, 1, 2, 3]);
  });

  it('have no names where folders are none', async () => {
    expect((await open({ root: folderOf({ 'b/1.jpg': '' }) })).classes).toBeUndefined();
  });

  it('are no other folders: one is named, with what may have been meant', async () => {
    const root = folderOf({ 'cat/1.jpg': '', 'dgo/2.jpg': '' });
    await expect(open({ root, classes: ['cat', 'dog', 'bird'] })).rejects.toMatchObject({
      code: 'OOD_DATASET_INVALID',
      message: `1 folder of ${root} is not among the 3 classes: dgo`,
      fix: 'Did you mean "dog"?',
    });
  });

  it('shift no others where a folder is empty, which a note says', async () => {
    const root = folderOf({ 'a/1.jpg': '', 'b/list.txt': '', 'c/3.jpg': '', 'extra/readme.txt': '' });
    const given = { root, classes: ['a', 'b', 'c'] };
    expect(await labels(given)).toEqual({ 'a/1.jpg': 0, 'c/3.jpg': 2 });
    expect((await open(given)).notes).toEqual([
      '1 class folder without an image: b',
      '1 folder that is not a class and has no images: extra',
    ]);
    await expect(open({ root, labels: 'folders' })).rejects.toMatchObject({ code: 'OOD_DATASET_INVALID' });
  });

  it('choose among the folders where others are left out, which a note says', async () => {
    const root = folderOf({ 'a/1.jpg': '', 'b/2.jpg': '', 'c/3.jpg': '', '0.jpg': '' });
    const given = { root, classes: ['c', 'a'], others: 'leave-out' };
    expect(await labels(given)).toEqual({ 'a/1.jpg': 1, 'c/3.jpg': 0 });
    expect(await labels({ ...given, limit: 1 })).toEqual({ 'a/1.jpg': 1 });
    expect((await open(given)).notes).toEqual(['left out 2 images that are in none of the 2 classes']);
  });

  it('can leave out others only where there is a list, and some image is of it', async () => {
    const root = folderOf({ 'a/1.jpg': '' });
    for (const [given, message] of [
      [{ labels: 'folders' }, '"others" requires "classes"'],
      [{ classes: ['b', 'c'] }, `no image of ${root} is in one of the 2 classes`],
    ] as const)
      await expect(open({ root, others: 'leave-out', ...given })).rejects.toMatchObject({ message });
  });

  it('may be the numbers that folders are called by, as in ImageNet-V2, with names from a list or none', async () => {
    const root = folderOf({ '0/a.jpg': '', '10/b.jpg': '', '2/c.jpg': '', '3/readme.txt': '' });
    const given = { root, labels: 'numbers' };
    expect(await labels(given)).toEqual({ '0/a.jpg': 0, '10/b.jpg': 10, '2/c.jpg': 2 });
    expect((await open(given)).classes).toBeUndefined();
    expect((await open({ ...given, classes: 'imagenet-200' })).classes).toBe(imagenet200.names);
    for (const [folder, classes, message] of [
      ['ten', undefined, '1 folder of ROOT has a name other than the number of a class: ten'],
      ['200', 'imagenet-200', '1 folder of ROOT has a name other than the number of a class, 0 to 199: 200'],
    ] as const) {
      const other = folderOf({ [`${folder}/a.jpg`]: '' });
      await expect(open({ root: other, labels: 'numbers', classes })).rejects.toMatchObject({
        message: message.replace('ROOT', other),
      });
    }
  });
});
