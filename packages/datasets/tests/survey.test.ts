import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { schemaOf, type DatasetFault } from '@farout/core';
import { imageFolder } from '../src/image-folder.ts';
import { imageList } from '../src/image-list.ts';
import { folderOf } from './folder-of.ts';

const png = { bytes: '\x89PNG\r\n\x1a\n' };
const surveyFolder = (root: string, params: Record<string, unknown> = {}) =>
  imageFolder.survey!(schemaOf(imageFolder).parse({ root, ...params }));
const surveyList = (files: Parameters<typeof folderOf>[0], params: Record<string, unknown> = {}) => {
  const root = folderOf(files);
  return imageList.survey!(schemaOf(imageList).parse({ list: join(root, 'list.txt'), ...params }));
};

/** What tells one from another; the paths of the temporary folder are left out. */
const told = (faults: readonly DatasetFault[]) =>
  faults.map(({ kind, severity, where, items }) => [kind, severity, where.split('/').at(-1), items]);

describe('the survey of image-folder', () => {
  it('names files whose names say nothing, images and others', async () => {
    const root = folderOf({
      'a.jpg': '',
      photograph: png,
      'b.image': png,
      README: 'text',
      'c.part': 'text',
      'list.txt': '',
    });
    const { images, faults } = await surveyFolder(root);
    expect(images.map(({ id }) => id)).toEqual(['a.jpg', 'b.image', 'photograph']);
    expect(faults).toMatchObject([
      {
        kind: 'layout',
        severity: 'warning',
        where: root,
        what: '2 images recognised only by content: the file name does not say so (.image, no extension)',
        items: ['b.image', 'photograph'],
      },
      {
        what: '2 files of an unknown kind, not an image by content (.part, no extension)',
        items: ['README', 'c.part'],
      },
    ]);
  });

  it('names what is no UTF-8, and links that lead nowhere, and lists the others', async () => {
    const root = folderOf({ 'a.jpg': '', 'b.jpg': { to: 'nowhere' }, 'sub/up': { to: '..' } });
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from('K\xe4se.jpg', 'latin1')]), '');
    const { images, faults } = await surveyFolder(root);
    expect(images).toHaveLength(1);
    expect(told(faults)).toEqual([
      ['layout', 'error', 'K\\xe4se.jpg', undefined],
      ['layout', 'warning', 'b.jpg', undefined],
      ['layout', 'warning', 'up', undefined],
    ]);
  });

  it('knows classes by their numbers, and leaves out what a list does not choose', async () => {
    const root = folderOf({ '0/a.jpg': '', '10/b.jpg': '', 'x/c.jpg': '' });
    const { images, faults } = await surveyFolder(root, { labels: 'numbers' });
    expect(images.map(({ label }) => label)).toEqual([0, 10, undefined]);
    expect(faults).toMatchObject([{ kind: 'label', what: 'a folder whose name is not the number of a class' }]);
    const chosen = await surveyFolder(root, { classes: ['x', '0'], others: 'leave-out' });
    expect(chosen.images.map(({ id, label }) => [id, label])).toEqual([
      ['0/a.jpg', 1],
      ['x/c.jpg', 0],
    ]);
    expect(chosen.faults).toEqual([]);
  });

  it('calls an empty class folder, or a lost one, an error where classes are counted', async () => {
    const root = folderOf({ 'ant/1.png': png, 'cat/.gitkeep': '', dog: { to: 'nowhere' }, 'top.png': png });
    const { images, classes, faults } = await surveyFolder(root, { labels: 'folders' });
    expect(images.map(({ id, label }) => [id, label])).toEqual([
      ['ant/1.png', 0],
      ['top.png', undefined],
    ]);
    expect(classes).toEqual(['ant', 'cat']);
    expect(told(faults)).toEqual([
      ['layout', 'error', 'dog', undefined],
      ['layout', 'error', 'cat', undefined],
    ]);
  });

  it('names folders that are no class of a list, and gives their images no label', async () => {
    const root = folderOf({ 'ant/1.png': png, 'dogg/1.png': png, 'cat/.gitkeep': '' });
    const { images, faults } = await surveyFolder(root, { classes: ['cat', 'dog', 'ant'] });
    expect(images.map(({ label }) => label)).toEqual([2, undefined]);
    expect(faults).toMatchObject([
      { kind: 'layout', severity: 'warning', where: join(root, 'cat') },
      { kind: 'label', severity: 'error', where: join(root, 'dogg'), fix: 'Did you mean "dog"?' },
    ]);
  });
});

describe('the survey of image-list', () => {
  it('counts what is missing in each folder, names the first with its line and the advice, and lists what is there', async () => {
    const { images, faults, writtenLabels } = await surveyList({
      'list.txt': 'a/1.jpg 0\na/2.jpg 1\nb/1.jpg -1\na/3.jpg 2\n',
      'a/1.jpg': '',
    });
    expect(images.map(({ id, label }) => [id, label])).toEqual([['a/1.jpg', 0]]);
    expect(writtenLabels).toBe(true);
    expect(faults).toMatchObject([
      {
        kind: 'missing',
        severity: 'error',
        what: '2 of the 3 files listed in list.txt are missing, the first "a/2.jpg" (line 2)',
        items: ['a/2.jpg', 'a/3.jpg'],
        missing: expect.stringMatching(/\/a\/2\.jpg$/) as unknown,
      },
      { what: 'the one file listed in list.txt is missing, the first "b/1.jpg" (line 3)' },
    ]);
  });

  it('names every line that is wrong for another reason', async () => {
    const text = 'a.jpg 0\na.jpg 1\n../b.jpg\na.jpg -7\n';
    const { images, faults } = await surveyList({ 'list.txt': text, 'a.jpg': '' });
    expect(images).toHaveLength(1);
    expect(told(faults)).toEqual([
      ['layout', 'error', 'list.txt:2', undefined],
      ['layout', 'error', 'list.txt:3', undefined],
      ['label', 'error', 'list.txt:4', undefined],
    ]);
  });

  it('finds nothing in a list without lines', async () => {
    expect(await surveyList({ 'list.txt': '\n' })).toEqual({ images: [], faults: [], writtenLabels: true });
  });
});
