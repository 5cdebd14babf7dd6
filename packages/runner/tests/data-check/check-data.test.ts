import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { defineDataset, FaroutError, folderPath, z, type DatasetSurvey } from '@farout/core';
import type { CheckedSet } from '../../src/data-check/findings.ts';
import type { Split } from '../../src/experiment.ts';
import { part } from '../fixtures/tiny.ts';
import { check, folder, images, listing, opening, told, writePictures } from './checked-sets.ts';
import { picture, write } from './pictures.ts';

beforeAll(writePictures);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the check of data', () => {
  it('counts what is right and finds nothing', async () => {
    const sets = [
      listing('in', 'id', [
        ['0.png', 0],
        ['1.png', 1],
      ]),
      listing('out', 'ood', ['2.png', '3.png', '4.png']),
    ];
    expect(await check(sets, 2)).toEqual({
      schemaVersion: 1,
      ok: true,
      classes: 2,
      datasets: {
        in: {
          ...{ roles: ['id'], images: 2, listed: 2, expected: null, unreadable: 0, blank: 0, labelled: 2 },
          ...{ classes: { count: 2, least: 1, most: 1 }, errors: 0, warnings: 0 },
        },
        out: {
          ...{ roles: ['ood'], images: 3, listed: 3, expected: null, unreadable: 0, blank: 0, labelled: 0 },
          ...{ classes: null, errors: 0, warnings: 0 },
        },
      },
      findings: [],
      notes: [],
    });
  });

  it('names the folder of a dataset that is not there, and how it is to be had', async () => {
    const definition = defineDataset({
      name: 'folder',
      params: z.object({ root: folderPath() }),
      open: () => Promise.reject(new Error('must not be opened')),
    });
    const root = path.join(folder, 'flowers');
    const { ok, findings, datasets } = await check([
      { name: 'flowers', roles: ['ood'], part: part(definition, { root }) },
    ]);
    expect(ok).toBe(false);
    expect(datasets.flowers).toMatchObject({ images: 0, errors: 1 });
    expect(findings).toEqual([
      {
        ...{ dataset: 'flowers', kind: 'missing', severity: 'error', where: root },
        ...{ what: 'the folder is missing', fix: 'Pull flowers.' },
      },
    ]);
  });

  it('says at its place why a dataset cannot be opened, and looks at the others', async () => {
    const place = { file: 'list.txt', line: 7, column: 1 };
    const refusing = () =>
      Promise.reject(new FaroutError('OOD_DATASET_INVALID', 'a line is wrong', { place, fix: 'Mend it.' }));
    const sets: CheckedSet[] = [
      { name: 'wrong', roles: ['id'], part: opening(refusing) },
      { name: 'none', roles: ['ood'], part: opening(() => Promise.resolve({ images: [] })) },
      listing('right', 'ood', ['0.png'], { notes: ['passed over a file'] }),
    ];
    const { findings, datasets } = await check(sets);
    expect(findings.map(({ what, fix, ...finding }) => [...told({ what, ...finding }), what, fix])).toEqual([
      ['wrong', 'layout', 'error', 'list.txt:7', 'a line is wrong', 'Mend it.'],
      ['none', 'layout', 'error', 'tiny.yaml:1', 'the dataset "none" has no images', expect.any(String)],
      ['right', 'layout', 'warning', 'tiny.yaml:1', 'passed over a file', undefined],
    ]);
    expect(datasets.right).toMatchObject({ images: 1, errors: 0, warnings: 1 });
  });

  it('passes on what a dataset finds itself, and reads what it lists all the same', async () => {
    const missing = path.join(folder, 'gone.png');
    const survey: DatasetSurvey = {
      images: images(['0.png', 'empty.png']),
      faults: [
        { kind: 'missing', severity: 'error', where: folder, what: '1 of 3 is gone', items: ['gone.png'], missing },
      ],
    };
    const surveyed = opening(
      () => Promise.reject(new Error('must not be opened')),
      () => Promise.resolve(survey),
    );
    const { findings } = await check([{ name: 'list', roles: ['ood'], part: surveyed }]);
    expect(findings).toEqual([
      {
        dataset: 'list',
        kind: 'missing',
        severity: 'error',
        where: folder,
        what: '1 of 3 is gone',
        items: ['gone.png'],
        fix: 'Pull gone.png.',
      },
      expect.objectContaining({ kind: 'unreadable', where: 'empty.png', what: 'the file is empty' }),
    ]);
  });

  it('compares the count with what is expected, before a split takes some', async () => {
    const expected = { images: 5, by: 'datasets/flowers.yaml', layout: 'flowers/<class>/' };
    const split: Split = { every: 2, offset: 0 };
    const flowers = listing('flowers', 'ood', ['0.png', '1.png', '2.png']);
    const { findings, datasets } = await check([{ ...flowers, expected, part: { ...flowers.part, split } }]);
    expect(datasets.flowers).toMatchObject({ images: 2, listed: 3, expected: 5 });
    expect(findings).toMatchObject([
      {
        ...{ kind: 'count', severity: 'error' },
        what: 'there are 3 images, but datasets/flowers.yaml has 5: 2 too few',
        fix: 'Compare with the expected layout: flowers/<class>/.',
      },
    ]);
    const { findings: none } = await check([{ ...flowers, expected: { ...expected, images: 3 } }]);
    expect(none).toEqual([]);
  });

  it('names every image that cannot be read, and why', async () => {
    const { ok, findings, datasets } = await check([
      listing('out', 'ood', ['0.png', 'cut short.png', 'empty.png', 'text.png', 'gone.png', 'blank.png']),
    ]);
    expect(ok).toBe(false);
    expect(findings.map(({ kind, severity, where, what }) => [kind, severity, where, what])).toEqual([
      ['unreadable', 'error', 'cut short.png', expect.stringMatching(/PNG/)],
      ['unreadable', 'error', 'empty.png', 'the file is empty'],
      ['unreadable', 'error', 'text.png', expect.stringMatching(/not a supported image/)],
      ['unreadable', 'error', 'gone.png', 'the file cannot be read (ENOENT)'],
      ['unreadable', 'error', 'blank.png', expect.stringMatching(/not a supported image/)],
    ]);
    expect(datasets.out).toMatchObject({ images: 6, unreadable: 5 });
  });

  it('names the image that crashes the decoder, and reads the others', async () => {
    process.env.NODE_OPTIONS = `--import ${new URL('../fixtures/crash-on-deadly.mjs', import.meta.url).href}`;
    write(folder, { 'deadly.png': picture(3) });
    try {
      const { findings, datasets } = await check([listing('out', 'ood', ['0.png', 'deadly.png', '1.png'])]);
      expect(findings.map(({ where, what }) => [where, what])).toEqual([
        ['deadly.png', 'it crashed the decoder or the network (SIGSEGV)'],
      ]);
      expect(datasets.out).toMatchObject({ images: 3, unreadable: 1, blank: 0 });
    } finally {
      delete process.env.NODE_OPTIONS;
    }
  });

  it('compares labels with the classes of the network, and says which have no image', async () => {
    const classes = ['ant', 'bee', 'cat', 'dog'];
    const sets = [
      listing('in', 'id', [['0.png', 0], ['1.png', 4], '2.png'], { classes }),
      listing('fit', 'fit', ['3.png']),
    ];
    const { findings } = await check(sets, 4);
    expect(findings).toMatchObject([
      {
        dataset: 'in',
        kind: 'label',
        severity: 'error',
        what: expect.stringMatching(/"1.png" the label 4.* 4 classes, 0 to 3/) as unknown,
      },
      {
        kind: 'label',
        severity: 'warning',
        what: '1 of 3 images have no label: they are not counted in accuracy',
        items: ['2.png'],
      },
      { kind: 'label', severity: 'warning', what: '3 of the 4 classes have no image', items: ['bee', 'cat', 'dog'] },
    ]);
    expect((await check(sets)).findings.map(({ severity }) => severity)).toEqual(['warning', 'warning']);
  });

  const written = (labels: readonly (number | undefined)[]): CheckedSet => ({
    name: 'out',
    roles: ['ood'],
    part: opening(
      () => Promise.reject(new Error('must not be opened')),
      () =>
        Promise.resolve({
          images: images(labels.map((label, at) => (label === undefined ? `${at + 4}.png` : [`${at + 4}.png`, label]))),
          faults: [],
          writtenLabels: true,
        }),
    ),
  });
  const inside = listing(
    'in',
    'id',
    [
      ['0.png', 0],
      ['1.png', 1],
    ],
    { classes: ['ant', 'bee'] },
  );

  it('finds images out of distribution that their list gives a class of the network', async () => {
    const { ok, findings } = await check([inside, written([undefined, 1, 1, 7])], 2);
    expect(ok).toBe(false);
    expect(findings).toMatchObject([
      {
        ...{ dataset: 'out', kind: 'id-class', severity: 'error', where: 'class 1 (bee)', items: ['5.png', '6.png'] },
        what: 'each of 2 images has a class of the network in its list: it is not out of distribution',
      },
      { where: 'class 7', what: "7.png has a label that is not one of the network's 2 classes" },
    ]);
  });

  it('warns where a list gives all of them a class, and says nothing of classes that are counted', async () => {
    expect((await check([inside, written([0, 1, 1])], 2)).findings).toMatchObject([
      { kind: 'id-class', severity: 'warning' },
    ]);
    const counted = listing('out', 'ood', [['4.png', 0], '5.png']);
    expect((await check([inside, counted], 2)).findings).toEqual([]);
  });

  it('reads images that are in memory, and none of rows that a network has made', async () => {
    const pixels = { data: new Uint8Array(48).fill(9), shape: [4, 4, 3] as const };
    const rows = [{ id: 'row', row: 0 }];
    const arrays = { features: { shape: [1, 3], read: () => Promise.reject(new Error('not read')) } };
    const { findings, datasets } = await check([
      { name: 'pixels', roles: ['ood'], part: opening(() => Promise.resolve({ images: [{ id: 'grey', pixels }] })) },
      { name: 'rows', roles: ['id'], part: opening(() => Promise.resolve({ images: rows, arrays })) },
    ]);
    expect(findings).toEqual([]);
    expect(datasets).toMatchObject({ pixels: { images: 1, blank: 1 }, rows: { images: 1, blank: 0, unreadable: 0 } });
  });

  it('stops when it is told to', async () => {
    const stopped = AbortSignal.abort(new Error('enough'));
    await expect(check([listing('a', 'ood', ['0.png'])], undefined, stopped)).rejects.toThrow('enough');
  });
});
