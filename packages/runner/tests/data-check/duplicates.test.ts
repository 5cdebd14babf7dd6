import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SetRole } from '../../src/data-check/findings.ts';
import { check, folder, listing, told, writePictures } from './checked-sets.ts';

beforeAll(writePictures);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the comparison of images', () => {
  it.each<readonly [string, SetRole | undefined, SetRole | undefined, unknown[]]>([
    [
      'OOD ones of ID ones',
      'id',
      'ood',
      [
        ['b', 'duplicate', 'error', 'copy of 0.png'],
        ['b', 'near-duplicate', 'warning', 'half of 1.png'],
      ],
    ],
    [
      'OOD ones of the fit set, in any order',
      'ood',
      'fit',
      [
        ['a', 'duplicate', 'error', '0.png'],
        ['a', 'near-duplicate', 'warning', '1.png'],
      ],
    ],
    ['fit ones of ID ones', 'id', 'fit', [['b', 'duplicate', 'warning', 'copy of 0.png']]],
    ['those of two ID sets', 'id', 'id', [['b', 'duplicate', 'warning', 'copy of 0.png']]],
    ['those that choose parameters of OOD ones', 'ood', 'select-ood', [['b', 'duplicate', 'error', 'copy of 0.png']]],
    ['those of two OOD sets: none', 'ood', 'ood', []],
    [
      'those of sets without a role',
      undefined,
      undefined,
      [
        ['b', 'duplicate', 'warning', 'copy of 0.png'],
        ['b', 'near-duplicate', 'warning', 'half of 1.png'],
      ],
    ],
  ])('finds copies, %s', async (_, one, other, expected) => {
    const sets = [
      listing('a', one, ['0.png', '1.png', '2.png']),
      listing('b', other, ['copy of 0.png', 'half of 1.png', '5.png']),
    ];
    const { findings, ok } = await check(sets);
    expect(findings.map(told)).toEqual(expected);
    expect(ok).toBe(findings.every(({ severity }) => severity === 'warning'));
    for (const { what, where } of findings)
      expect(what).toMatch(where.includes('0') ? /the same bytes as/ : /looks like "[^"]*1\.png"/);
  });

  it('finds an image that a set has twice', async () => {
    const { findings } = await check([listing('a', 'ood', ['0.png', '1.png', 'copy of 0.png'])]);
    expect(findings).toMatchObject([
      {
        kind: 'duplicate',
        severity: 'warning',
        where: 'copy of 0.png',
        what: 'has the same bytes as "0.png" of the same set: it counts twice',
      },
    ]);
  });

  it('says of a set with two roles what comes of it', async () => {
    const { findings } = await check([
      { ...listing('both', 'id', ['0.png']), roles: ['id', 'fit'] },
      { ...listing('chosen', 'ood', ['1.png']), roles: ['select-ood', 'ood'] },
    ]);
    expect(findings.map(({ dataset, severity, what }) => [dataset, severity, what])).toEqual([
      [
        'both',
        'warning',
        'is both the ID set and the fit set: detectors that learn are tested on images they learnt from',
      ],
      ['chosen', 'error', 'is both an OOD set of "select" and an OOD set: parameters are chosen on test images'],
    ]);
  });
});
