import { describe, expect, it } from '@jest/globals';
import { FaroutError } from '@farout/core';
import fc from 'fast-check';
import { plainFile } from '../src/image-file.ts';

const segment = (code: number, ...content: number[]) => [0xff, code, 0, content.length + 2, ...content];
/** A frame of 300 × 200 pixels. */
const frame = (components: number, code = 0xc0, bits = 8) =>
  segment(code, bits, 0, 200, 1, 44, components, ...new Array<number>(3 * components).fill(17));
const scan = [...segment(0xda, 1, 2, 3), 0x12, 0xff, 0x00, 0x34, 0xff, 0xd9];
const jpeg = (...segments: number[][]) => Uint8Array.from([0xff, 0xd8, ...segments.flat(), ...scan]);

const chunk = (type: string, content: Uint8Array) => {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(content.length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, content, Buffer.alloc(4)]);
};
function header(depth: number): Buffer {
  const content = Buffer.alloc(13);
  content.writeUInt32BE(300);
  content.writeUInt32BE(200, 4);
  content[8] = depth;
  return chunk('IHDR', content);
}
const png = (...chunks: Buffer[]) => Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks]);
const [data, end] = [chunk('IDAT', Buffer.from('data')), chunk('IEND', Buffer.alloc(0))];

/** RIFF's length is that of what follows it. */
function webp(...chunks: readonly (readonly [string, Uint8Array])[]): Buffer {
  const parts = chunks.map(([type, content]) => {
    const head = Buffer.alloc(8);
    head.write(type, 'latin1');
    head.writeUInt32LE(content.length, 4);
    return Buffer.concat([head, content, Buffer.alloc(content.length % 2)]);
  });
  const riff = Buffer.from('RIFF....WEBP', 'latin1');
  riff.writeUInt32LE(4 + parts.reduce((sum, { length }) => sum + length, 0), 4);
  return Buffer.concat([riff, ...parts]);
}
const lossy = Buffer.from([0, 0, 0, 0x9d, 1, 0x2a, 44, 1, 200, 0, 7]);

const whole = (bytes: Uint8Array) => Buffer.concat([...plainFile(bytes).parts]);
const refusal = (bytes: Uint8Array) => {
  try {
    plainFile(bytes);
  } catch (error) {
    return error instanceof FaroutError ? `${error.code}: ${error.message}` : error;
  }
  return 'none';
};

describe('what browsers decode of a file', () => {
  it('is of a JPEG all but EXIF, XMP, profiles and further pictures', () => {
    const [jfif, adobe, comment] = [segment(0xe0, 1), segment(0xee, 2), segment(0xfe, 3)];
    const given = jpeg(jfif, segment(0xe1, 9, 9), adobe, segment(0xe2, 8), frame(3), comment);
    expect(whole(given)).toEqual(Buffer.from(jpeg(jfif, adobe, frame(3), comment)));
    expect(plainFile(given)).toMatchObject({ kind: 'JPEG', width: 300, height: 200 });
  });

  it('is of a PNG its picture and its palette', () => {
    const palette = chunk('PLTE', Buffer.alloc(3));
    const others = ['gAMA', 'iCCP', 'tRNS', 'acTL', 'eXIf', 'sRGB'].map((type) => chunk(type, Buffer.alloc(2)));
    const given = png(header(8), ...others, palette, data, chunk('fdAT', Buffer.alloc(9)), end, Buffer.from('more'));
    expect(whole(given)).toEqual(png(header(8), palette, data, end));
    expect(plainFile(given)).toMatchObject({ kind: 'PNG', width: 300, height: 200 });
  });

  it('is of a WebP its picture alone, in a file of that length', () => {
    const given = webp(
      ['VP8X', Buffer.alloc(10)],
      ['ICCP', Buffer.alloc(3)],
      ['ALPH', Buffer.alloc(5)],
      ['VP8 ', lossy],
    );
    expect(whole(given)).toEqual(webp(['VP8 ', lossy]));
    expect(plainFile(given)).toMatchObject({ kind: 'WebP', width: 300, height: 200 });
  });

  it.each([
    ['CMYK', jpeg(frame(4))],
    ['uses a coding', jpeg(frame(3, 0xc9))],
    ['uses a coding', jpeg(frame(3, 0xc1, 12))],
    ['ends early', jpeg(frame(3)).subarray(0, -2)],
    ['ends early', jpeg()],
    ['a marker is missing', jpeg(segment(0xe0), [1, 2, 3, 4], frame(3))],
    ['16 bits', png(header(16), data, end)],
    ['no header', png(data, end)],
    ['ends early', png(header(8), data)],
    ['animation', webp(['VP8X', Buffer.alloc(10)], ['ANIM', Buffer.alloc(6)], ['VP8 ', lossy])],
    ['ends early', webp(['VP8X', Buffer.alloc(10)])],
    ['not a JPEG, PNG or WebP', Buffer.from('GIF89a')],
    ['empty', new Uint8Array(0)],
  ])('refuses: %s', (why, bytes) => {
    expect(refusal(bytes)).toMatch(new RegExp(`^OOD_IMAGE_UNREADABLE: .*${why}`));
  });

  it('takes whatever bytes it is given, or refuses them', () => {
    const starts = [[], [0xff, 0xd8, 0xff], [...png()], [...webp()], [...jpeg(frame(3))]].map((bytes) =>
      Uint8Array.from(bytes),
    );
    fc.assert(
      fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 80 }), (start, bytes) => {
        expect(refusal(Buffer.concat([start, bytes]))).toMatch(/^(OOD_IMAGE_UNREADABLE: |none$)/);
      }),
    );
  });
});
