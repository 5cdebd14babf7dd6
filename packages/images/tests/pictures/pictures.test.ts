import { describe, expect, it } from '@jest/globals';
import { compareDamaged, type Compared, comparePictures } from './compare-pictures.ts';
import { pythonWithPillow } from './pillow.ts';

const itWithPillow = pythonWithPillow ? it : it.skip;
/** Kinds that Pillow reads and that are refused here, by name. */
const foreign = (kind: string) => kind === 'TIFF, foreign';

describe(
  pythonWithPillow ? 'pictures made by Pillow' : 'pictures made by Pillow (skipped: no python3 here has Pillow 9.4)',
  () => {
    itWithPillow('have the pixels of Pillow, or are refused with it, whole and cut at 20 places', async () => {
      const kinds = [...(await comparePictures('cuts'))].filter(([kind]) => !foreign(kind));
      expect(kinds.flatMap(([, { differing }]) => differing)).toEqual([]);
      const whole = kinds.filter(([kind]) => !kind.endsWith(', cut'));
      expect(whole.map(([kind]) => kind)).toEqual([
        ...['JPEG', 'CMYK JPEG', 'PNG', 'PNG 16-bit grey', 'WebP', 'WebP animated', 'GIF', 'BMP', 'BMP RLE'],
        ...['TIFF', 'TIFF CMYK', 'TIFF JPEG', 'TIFF 16-bit grey'],
      ]);
      for (const [, { read }] of whole) expect(read).toBeGreaterThan(2);
    });

    itWithPillow(
      'have its verdict and its pixels with one bit or one sector damaged, all but a few',
      async () => {
        const kinds = [...(await compareDamaged(1))];
        const sum = (of: (kind: Compared) => number) => kinds.reduce((all, [, kind]) => all + of(kind), 0);
        const differing = kinds.flatMap(([, kind]) => kind.differing);
        expect(sum(({ made }) => made)).toBe(1360);
        expect(sum(({ read }) => read)).toBeGreaterThan(600);
        // In 840 files of JPEG, PNG, GIF and WebP 829 agreed before TIFF was read here.
        expect({ share: sum(({ equal }) => equal) / 1360 >= 829 / 840, differing }).toMatchObject({ share: true });
      },
      300_000,
    );
  },
);
