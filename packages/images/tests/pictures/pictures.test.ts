import { describe, expect, it } from '@jest/globals';
import { comparePictures } from './compare-pictures.ts';
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
  },
);
