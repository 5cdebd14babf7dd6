import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { defineDataset, z, type DatasetImage, type ImageSource } from '@farout/core';
import {
  addressesPlain,
  classesNamed,
  groupsNamed,
  hasImages,
  idsUnique,
  labelsAreClasses,
  oneKindEach,
  opensAlike,
  pathsExist,
  readsBytes,
  readTwiceIsOnce,
  surveyAgrees,
  versionNamesBytes,
  versionsStable,
} from '../../src/checks/dataset.ts';
import { parametersClosed, parametersRefused } from '../../src/parameters.ts';
import { failingDatasetChecks } from '../parts/failing-checks.ts';

const params = z.object({ count: z.int().min(1).default(3) });

/** A correct image: its bytes are its number. */
const source = (index: number): ImageSource => ({
  id: `image ${index}`,
  label: index,
  version: `bytes ${index}`,
  read: () => Promise.resolve(Uint8Array.of(index)),
});

const list = (image: (index: number) => unknown) =>
  Promise.resolve({ images: Array.from({ length: 3 }, (_, index) => image(index) as DatasetImage) });

/** A dataset of three images, each made anew whenever the dataset opens. */
const dataset = (image: (index: number) => unknown) => () =>
  defineDataset({ name: 'three', params, open: () => list(image) });

describe('the contract of a dataset', () => {
  it('finds no fault with one of sources and one of files', async () => {
    expect(await failingDatasetChecks(dataset(source))).toEqual([]);
    const file = fileURLToPath(import.meta.url);
    expect(await failingDatasetChecks(dataset((index) => ({ id: `${index}`, path: file })))).toEqual([]);
  });

  it('finds no fault with addresses, with pixels, with sources of pixels and with stretches of a file', async () => {
    const path = fileURLToPath(import.meta.url);
    const pixels = (index: number) => ({ data: Uint8Array.of(index, 0, 0), shape: [1, 1, 3] });
    for (const image of [
      (index: number) => ({
        id: `${index}`,
        url: `https://a.org/${index}?x=1`,
        version: `${index}`,
        offset: 5,
        length: 9,
      }),
      (index: number) => ({ id: `${index}`, pixels: pixels(index) }),
      (index: number) => ({ ...source(index), read: () => Promise.resolve(pixels(index)) }),
      (index: number) => ({ id: `${index}`, path, offset: index, length: 10 }),
    ]) {
      expect(await failingDatasetChecks(dataset(image))).toEqual([]);
    }
  });

  it.each([{ offset: 2 ** 40 }, { offset: 1, length: 2 ** 40 }, { offset: -1 }, { length: 0.5 }])(
    'catches the stretch %o of a file',
    async (stretch) => {
      const file = { path: fileURLToPath(import.meta.url), ...stretch };
      expect(await failingDatasetChecks(dataset((index) => ({ id: `${index}`, ...file })))).toEqual([pathsExist.title]);
    },
  );

  it.each(['ftp://a.org/b', 'a.png', 'https://user@a.org/b', 'https://:secret@a.org/b'])(
    'catches the address %s',
    async (url) => {
      const addresses = dataset((index) => ({ id: `${index}`, url, version: `${index}` }));
      expect(await failingDatasetChecks(addresses)).toEqual([addressesPlain.title]);
    },
  );

  it('catches an address whose version is made up at every opening', async () => {
    let made = 0;
    const stamped = dataset((index) => ({ id: `${index}`, url: 'https://a.org/b', version: `${made++}` }));
    expect(await failingDatasetChecks(stamped)).toEqual([versionsStable.title]);
  });

  it.each([
    ['of another number', { data: new Uint8Array(4), shape: [1, 1, 3] }],
    ['of four channels', { data: new Uint8Array(4), shape: [1, 1, 4] }],
    ['that are fractions', { data: new Float32Array(3), shape: [1, 1, 3] }],
    ['of no shape', { data: new Uint8Array(3) }],
    ['of no size', { data: new Uint8Array(0), shape: [0, 0, 3] }],
  ])('catches pixels %s', async (_, pixels) => {
    expect(await failingDatasetChecks(dataset((index) => ({ id: `${index}`, pixels })))).toEqual([readsBytes.title]);
    const read = dataset((index) => ({ ...source(0), id: `${index}`, read: () => Promise.resolve(pixels) }));
    expect(await failingDatasetChecks(read)).toContain(readsBytes.title);
  });

  it.each([[['a', 'b']], ['abc'], [['a', 'b', '']], [['a', 'b', 3]]])('catches the classes %j', async (classes) => {
    const named = () =>
      defineDataset({
        name: 'named',
        params,
        open: async () => ({ ...(await list(source)), classes: classes as string[] }),
      });
    expect(await failingDatasetChecks(named)).toEqual([classesNamed.title]);
  });

  it('catches a parameter that takes anything', async () => {
    const anything = () =>
      defineDataset({ name: 'lax', params: z.object({ count: z.any() }), open: () => list(source) });
    expect(await failingDatasetChecks(anything)).toEqual([parametersRefused.title]);
  });

  it('catches parameters that no schema knows', async () => {
    const open = () => defineDataset({ name: 'open', params: z.looseObject({}), open: () => list(source) });
    expect(await failingDatasetChecks(open)).toEqual([parametersClosed.title]);
  });

  it('catches a dataset without images', async () => {
    const empty = () => defineDataset({ name: 'empty', params, open: () => Promise.resolve({ images: [] }) });
    expect(await failingDatasetChecks(empty)).toEqual([hasImages.title]);
  });

  it.each([
    ['an id that two images have', () => 'same'],
    ['an empty id', (index: number) => (index === 0 ? '' : `image ${index}`)],
    ['a number for an id', (index: number) => index],
  ])('catches %s', async (_, id) => {
    const named = dataset((index) => ({ ...source(index), id: id(index) }));
    expect(await failingDatasetChecks(named)).toEqual([idsUnique.title]);
  });

  it.each([-1, 1.5, '3', 2 ** 31, null])('catches the label %p', async (label) => {
    const labelled = dataset((index) => ({ ...source(index), label }));
    expect(await failingDatasetChecks(labelled)).toEqual([labelsAreClasses.title]);
  });

  it.each([7, '', null])('catches the group %p', async (group) => {
    const grouped = dataset((index) => ({ ...source(index), group }));
    expect(await failingDatasetChecks(grouped)).toEqual([groupsNamed.title]);
  });

  it.each([
    ['neither file nor source', () => ({})],
    ['both', (index: number) => ({ ...source(index), path: fileURLToPath(import.meta.url) })],
    ['a source without a version', (index: number) => ({ ...source(index), version: '' })],
  ])('catches an image that is %s', async (_, members) => {
    // One such image among others: alone it would have the same empty version as all of them.
    const mixed = dataset((index) => (index === 1 ? { ...members(index), id: 'odd' } : source(index)));
    expect(await failingDatasetChecks(mixed)).toEqual([oneKindEach.title]);
  });

  it('catches a relative path, one of no file, and one of a folder', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'farout-testing-'));
    writeFileSync(path.join(folder, 'image.png'), '');
    const relative = path.relative(process.cwd(), path.join(folder, 'image.png'));
    for (const wrong of [relative, path.join(folder, 'absent.png'), folder]) {
      const files = dataset((index) => ({ id: `${index}`, path: wrong }));
      expect(await failingDatasetChecks(files)).toEqual([pathsExist.title]);
    }
  });

  it('catches an order that changes from one opening to the next', async () => {
    const turned = () => {
      let opened = 0;
      return defineDataset({
        name: 'turned',
        params,
        open: async () => {
          const { images } = await list((index) => ({ ...source(index), version: 'one', read: source(0).read }));
          return { images: opened++ % 2 === 0 ? images : [...images].reverse() };
        },
      });
    };
    expect(await failingDatasetChecks(turned)).toEqual([opensAlike.title]);
  });

  it('catches a version that is made up at every opening', async () => {
    let made = 0;
    const stamped = dataset((index) => ({ ...source(index), version: `${made++}` }));
    expect(await failingDatasetChecks(stamped)).toEqual([versionsStable.title]);
  });

  it('catches text instead of bytes, and no bytes', async () => {
    const text = dataset((index) => ({ ...source(index), read: () => Promise.resolve(`image ${index}`) }));
    expect(await failingDatasetChecks(text)).toEqual([readsBytes.title]);
    const nothing = dataset((index) => ({ ...source(index), read: () => Promise.resolve(new Uint8Array()) }));
    expect(await failingDatasetChecks(nothing)).toEqual([readsBytes.title]);
  });

  it('catches bytes that depend on how often they were read', async () => {
    const wearing = dataset((index) => {
      let reads = 0;
      return { ...source(index), read: () => Promise.resolve(Uint8Array.of(index, reads++)) };
    });
    expect(await failingDatasetChecks(wearing)).toEqual([readTwiceIsOnce.title]);
  });

  it('catches a version that says nothing of the bytes: of other images, or of another opening', async () => {
    const constant = dataset((index) => ({ ...source(index), version: 'v1' }));
    expect(await failingDatasetChecks(constant)).toEqual([versionNamesBytes.title]);
    let opened = 0;
    const seeded = dataset((index) => {
      const seed = opened++;
      return { ...source(index), read: () => Promise.resolve(Uint8Array.of(seed)) };
    });
    expect(await failingDatasetChecks(seeded)).toEqual([versionNamesBytes.title]);
  });

  it.each([
    ['other images', { images: [source(0)], faults: [] }],
    [
      'an error',
      {
        images: [0, 1, 2].map(source),
        faults: [{ kind: 'layout', severity: 'error', where: 'a', what: 'is wrong' }],
      },
    ],
  ] as const)('finds a survey that gives %s', async (_, survey) => {
    const surveyed = () => ({ ...dataset(source)(), survey: () => Promise.resolve(survey) });
    expect(await failingDatasetChecks(surveyed)).toEqual([surveyAgrees.title]);
  });
});
