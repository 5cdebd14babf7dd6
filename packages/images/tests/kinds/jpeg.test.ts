import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import sharp from 'sharp';
import { decode } from '../../src/decode.ts';
import { readJpegMarkers } from '../../src/kinds/jpeg.ts';
import { photograph } from '../photograph.ts';
import { refusal } from '../refusal.ts';

describe('decode, JPEG', () => {
  it('gives a grey JPEG three equal colours', async () => {
    const { data } = await decode(await photograph().greyscale().jpeg().toBuffer());
    expect(data).toHaveLength(64 * 48 * 3);
    expect(data.every((value, i) => value === data[i - (i % 3)])).toBe(true);
  });

  it('ignores the orientation that EXIF asks for', async () => {
    const upright = await photograph().jpeg().toBuffer();
    const turned = await photograph().withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect(turned.includes('Exif')).toBe(true);
    expect(await decode(turned)).toEqual(await decode(upright));
  });

  it('ignores what follows the end of the image', async () => {
    const bytes = await photograph().jpeg().toBuffer();
    expect(await decode(Buffer.concat([bytes, Buffer.from('\xff\xc0 and more', 'latin1')]))).toEqual(
      await decode(bytes),
    );
  });

  it('refuses every file that ends early', async () => {
    const bytes = await photograph().jpeg().toBuffer();
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 2), async (length) => {
        expect((await refusal(decode(bytes.subarray(0, length)))).code).toBe('OOD_IMAGE_UNREADABLE');
      }),
    );
  });

  it('refuses an unknown marker amid the image data, as Pillow does', async () => {
    const bytes = await photograph().jpeg().toBuffer();
    const damaged = Buffer.concat([bytes.subarray(0, -2), Buffer.from([0xff, 0x25]), bytes.subarray(-2)]);
    expect((await refusal(decode(damaged))).message).toBe('the JPEG is damaged: marker FF25 after its image data');
  });

  it('gives CMYK the light that its inks leave, (255 − k) · (255 − c) / 255, without a profile', async () => {
    const bytes = await photograph().toColourspace('cmyk').jpeg().toBuffer();
    const inks = await sharp(bytes).pipelineColourspace('cmyk').toColourspace('cmyk').raw().toBuffer();
    const { data } = await decode(bytes);
    expect(data).toHaveLength(64 * 48 * 3);
    const far = data.filter((value, i) => {
      const pixel = Math.floor(i / 3) * 4;
      return Math.abs(value - ((255 - inks[pixel + 3]!) * (255 - inks[pixel + (i % 3)]!)) / 255) >= 1;
    });
    expect(far).toHaveLength(0);
  });

  it('refuses two components by name', async () => {
    const header = [0xff, 0xd8, 0xff, 0xc0, 0, 14, 8, 0, 8, 0, 8, 2, 1, 0x11, 0, 2, 0x11, 0];
    expect((await refusal(decode(Uint8Array.from(header)))).message).toBe('a JPEG of 2 components is not supported');
  });
});

const start = [0xff, 0xd8];
const end = [0xff, 0xd9];
/** A frame header of a 16 × 8 image: two units. */
const frame = (components: number, code = 0xc0) => [
  ...[0xff, code, 0, 8 + 3 * components, 8, 0, 8, 0, 16, components],
  ...Array.from({ length: components }, (_, i) => [i + 1, 0x11, 0]).flat(),
];
const scan = (...ids: number[]) => [
  0xff,
  0xda,
  0,
  6 + 2 * ids.length,
  ids.length,
  ...ids.flatMap((id) => [id, 0]),
  0,
  63,
  0,
];
/** A restart marker behind each unit. */
const restarts = [0xff, 0xdd, 0, 4, 0, 1];
const grey = [...start, ...frame(1), ...scan(1), 7];
const restarting = [...start, ...restarts, ...frame(1), ...scan(1), 7];
const segment = (code: number, ...content: number[]) => [0xff, code, 0, content.length + 2, ...content];
const zeros = (count: number) => Array<number>(count).fill(0);

describe('readJpegMarkers', () => {
  it.each<{ title: string; bytes: number[]; components?: number }>([
    {
      title: 'reads the number of components',
      bytes: [...start, ...frame(4), ...scan(1, 2, 3, 4), ...end],
      components: 4,
    },
    {
      title: 'steps over FF bytes inside a segment',
      bytes: [...start, ...segment(0xe0, 0xff, 0xc0), ...frame(1), ...scan(1), ...end],
      components: 1,
    },
    {
      title: 'accepts stuffed zeros, restarts and repeated FF in the image data',
      bytes: [...grey, 0xff, 0, 2, 0xff, 0xd3, 3, 0xff, 0xff, 0xd7, ...end],
      components: 1,
    },
    {
      title: 'leaves what stands between scans to the decoder, which reads all of them',
      bytes: [...start, ...frame(3), ...scan(1), 0xff, 0xc4, 0, 2, 0xff, 0x25, ...scan(2), ...end],
      components: 3,
    },
    { title: 'reads nothing behind the end of the image', bytes: [...grey, ...end, 0xff, 0x25], components: 1 },
    { title: 'leaves a file without frame header to the decoder', bytes: [...start, ...end] },
    {
      title: 'leaves a segment that reaches beyond the file to the decoder',
      bytes: [...start, 0xff, 0xe0, 0xff, 0xff, 1],
    },
    { title: 'leaves a file that ends within a marker to the decoder', bytes: [...grey, 0xff], components: 1 },
    {
      title: 'accepts tables behind the image data that have a sense',
      bytes: [
        ...[...grey, ...segment(0xdb, 1, ...zeros(64)), ...segment(0xc4, 0x11, 1, ...zeros(15), 9)],
        ...[...restarts, ...segment(0xcc, 0, 0x10), ...segment(0xfe, 9), ...end],
      ],
      components: 1,
    },
    {
      title: 'accepts a table that the file ends in before it is wrong',
      bytes: [...grey, 0xff, 0xdb, 0, 9, 1, 2],
      components: 1,
    },
    { title: 'accepts a second frame that the file ends in', bytes: [...grey, 0xff, 0xc0, 0, 11, 8], components: 1 },
    {
      title: 'skips an unknown marker where a restart marker follows that is still to come',
      bytes: [...restarting, 0xff, 0x25, 7, 0xff, 0xd0, 7, ...end],
      components: 1,
    },
  ])('$title', ({ bytes, components }) => {
    expect(readJpegMarkers(Uint8Array.from(bytes))).toBe(components);
  });

  it.each<{ title: string; bytes: number[]; message: string }>([
    {
      title: 'a second frame header',
      bytes: [...grey, ...frame(1), ...end],
      message: 'marker FFC0 after its image data is invalid',
    },
    {
      title: 'a second scan of a picture of one',
      bytes: [...grey, ...scan(1), ...end],
      message: 'marker FFDA after its image data is invalid',
    },
    { title: 'a second beginning', bytes: [...grey, 0xff, 0xd8], message: 'marker FFD8 after its image data' },
    { title: 'a reserved marker', bytes: [...grey, 0xff, 0x25, ...end], message: 'marker FF25 after its image data' },
    {
      title: 'a reserved marker behind the last restart',
      bytes: [...restarting, 0xff, 0xd0, 7, 0xff, 0x25, ...end],
      message: 'marker FF25 after its image data',
    },
    {
      title: 'a restart interval of a wrong length',
      bytes: [...grey, ...segment(0xdd, 1), ...end],
      message: 'marker FFDD after its image data is invalid',
    },
    {
      title: 'a quantisation table of a wrong number',
      bytes: [...grey, ...segment(0xdb, 4, ...zeros(64)), ...end],
      message: 'marker FFDB after its image data is invalid',
    },
    {
      title: 'a Huffman table that is longer than its segment',
      bytes: [...grey, ...segment(0xc4, 0, 200, ...zeros(15), 9), ...end],
      message: 'marker FFC4 after its image data is invalid',
    },
    {
      title: 'arithmetic conditioning without a sense',
      bytes: [...grey, ...segment(0xcc, 0, 0x01), ...end],
      message: 'marker FFCC after its image data is invalid',
    },
    {
      title: 'a marker without a meaning before the image data',
      bytes: [...start, 0xff, 0x01, ...frame(1), ...scan(1), ...end],
      message: 'marker FF01 in its header',
    },
    {
      title: 'a quantisation table that is cut off, before the image data',
      bytes: [...start, ...segment(0xdb, 0, 1), ...frame(1), ...scan(1), ...end],
      message: 'marker FFDB has a truncated table',
    },
    {
      title: 'a frame of 12 bits',
      bytes: [...start, ...segment(0xc1, 12, 0, 8, 0, 8, 1, 1, 0x11, 0), ...scan(1), ...end],
      message: 'marker FFC1 is not a frame header of 8 bits',
    },
  ])('refuses $title', ({ bytes, message }) => {
    expect(() => readJpegMarkers(Uint8Array.from(bytes))).toThrow(`the JPEG is damaged: ${message}`);
  });
});
