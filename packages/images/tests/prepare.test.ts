import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import sharp from 'sharp';
import { encodePng } from '../src/kinds/png.ts';
import { Admission, prepare, recipeKey, thumbnail } from '../src/prepare.ts';
import { madeGif } from './made-gif.ts';
import { noise } from './noise.ts';

const data = process.env.FAROUT_DATA ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url));
const golden = join(data, 'golden', 'preprocess');
const sources = existsSync(golden) ? readdirSync(join(golden, 'source')) : [];
const itWithData = sources.length > 0 ? it : it.skip;

describe('prepare', () => {
  itWithData('gives every golden picture the pixels that Pillow and torchvision give it', async () => {
    const differing: string[] = [];
    for (const name of sources) {
      const ours = await prepare(readFileSync(join(golden, 'source', name)), { resize: 256, crop: 224 });
      const pillow = await sharp(join(golden, 'pillow', `${name}.png`))
        .raw()
        .toBuffer();
      if (!pillow.equals(ours)) differing.push(name);
    }
    expect(differing).toEqual([]);
    expect(sources).toHaveLength(34);
  });
});

describe('recipeKey', () => {
  const usual = [256, 224, 'pillow-9.4-bilinear-4'];

  it('is for a bilinear resize by the shorter side what it was before there were others', () => {
    expect(recipeKey({ resize: 256, crop: 224 })).toEqual(usual);
    expect(recipeKey({ resize: 256, crop: 224, interpolation: 'bilinear', sides: 'shorter' })).toEqual(usual);
  });

  it('is another one for each recipe that gives other pixels', () => {
    const keys = (['bilinear', 'bicubic'] as const).flatMap((interpolation) =>
      (['shorter', 'both'] as const).map((sides) => recipeKey({ resize: 256, crop: 224, interpolation, sides })),
    );
    expect(new Set(keys.map((key) => JSON.stringify(key))).size).toBe(4);
  });
});

describe('pixels', () => {
  it('are resized and cropped as those of the file that holds them, to the last bit, and are looked at alike', async () => {
    for (const [width, height] of [
      [300, 200],
      [5, 40],
    ] as const) {
      const picture = noise(width, height, 3);
      const pixels = { data: picture.data, shape: [height, width, 3] as const };
      const recipe = { resize: 64, crop: 56 };
      const ofFile = Buffer.from(await prepare(encodePng(picture), recipe));
      expect(ofFile.equals(await prepare(pixels, recipe))).toBe(true);
      expect(Buffer.from(await thumbnail(encodePng(picture))).equals(await thumbnail(pixels))).toBe(true);
    }
  });
});

const sizeOf = async (bytes: Uint8Array) => {
  const { format, width, height } = await sharp(bytes).metadata();
  return [format, width, height];
};

describe('thumbnail', () => {
  it.each([
    ['a wide image', 384, 192, 96, 48],
    ['a high image', 48, 960, 5, 96],
    ['a small image', 20, 30, 20, 30],
  ])('%s keeps its proportions and is not enlarged', async (_, width, height, newWidth, newHeight) => {
    expect(await sizeOf(await thumbnail(encodePng(noise(width, height, 1))))).toEqual(['jpeg', newWidth, newHeight]);
  });

  it('shows the image: its colours survive', async () => {
    const red = encodePng({
      width: 200,
      height: 200,
      data: Uint8Array.from({ length: 120_000 }, (_, i) => (i % 3 ? 20 : 230)),
    });
    const { channels } = await sharp(await thumbnail(red)).stats();
    expect(channels.map(({ mean }) => Math.round(mean / 10))).toEqual([23, 2, 2]);
  });

  it('shows what sharp cannot read, too', async () => {
    const gif = madeGif({ screen: [4, 3], frame: [1, 1, 1, 1], colours: [0, 0, 0, 0], indices: [0] });
    expect(await sizeOf(await thumbnail(gif))).toEqual(['jpeg', 4, 3]);
    const bmp = Buffer.from(
      `BM${'\0'.repeat(8)}\x1a\0\0\0\x0c\0\0\0\x01\0\x02\0\x01\0\x18\0${'\0'.repeat(8)}`,
      'latin1',
    );
    expect(await sizeOf(await thumbnail(bmp))).toEqual(['jpeg', 1, 2]);
  });

  it('refuses what is no image', async () => {
    await expect(thumbnail(Buffer.from('no image'))).rejects.toMatchObject({ code: 'OOD_IMAGE_UNREADABLE' });
  });
});

/** Work that ends when it is told to, and what is under way. */
function works(limit: number, sizes: readonly number[]) {
  const admission = new Admission(limit);
  const underWay = new Set<number>();
  const ends: (() => void)[] = [];
  const all = sizes.map((pixels, i) =>
    admission.admit(pixels, async () => {
      underWay.add(i);
      await new Promise<void>((end) => (ends[i] = end));
      underWay.delete(i);
      return i;
    }),
  );
  const settle = () => new Promise(setImmediate);
  return { underWay, all, settle, end: (i: number) => ends[i]!() };
}

describe('Admission', () => {
  it('lets work begin in its order, as far as the limit goes', async () => {
    const { underWay, all, settle, end } = works(10, [4, 6, 1, 9, 1]);
    await settle();
    expect([...underWay]).toEqual([0, 1]);
    end(0);
    await settle();
    expect([...underWay]).toEqual([1, 2]);
    end(1);
    await settle();
    expect([...underWay]).toEqual([2, 3]);
    [2, 3].forEach(end);
    await settle();
    end(4);
    expect(await Promise.all(all)).toEqual([0, 1, 2, 3, 4]);
  });

  it('works alone on what is larger than the limit', async () => {
    const { underWay, settle, end, all } = works(10, [1, 100, 1]);
    for (const i of [0, 1, 2]) {
      await settle();
      expect([...underWay]).toEqual([i]);
      end(i);
    }
    await Promise.all(all);
  });

  it('goes on after work that fails', async () => {
    const admission = new Admission(10);
    const failed = admission.admit(10, () => Promise.reject(new Error('unreadable')));
    const next = admission.admit(10, () => Promise.resolve('read'));
    await expect(failed).rejects.toThrow('unreadable');
    expect(await next).toBe('read');
  });

  it('never exceeds the limit but for one alone, and ends all work, whatever the sizes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(30), { maxLength: 20 }), async (sizes) => {
        const admission = new Admission(20);
        let [pixels, count] = [0, 0];
        const work = (size: number) => async () => {
          pixels += size;
          count++;
          expect(count === 1 || pixels <= 20).toBe(true);
          await new Promise(setImmediate);
          pixels -= size;
          count--;
        };
        await Promise.all(sizes.map((size) => admission.admit(size, work(size))));
        expect(pixels).toBe(0);
      }),
    );
  });
});
