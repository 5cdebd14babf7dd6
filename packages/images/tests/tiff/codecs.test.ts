import { deflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { decode } from '../../src/decode.ts';
import { madeTiff, type Tags } from '../made-tiff.ts';
import { noise } from '../noise.ts';
import { photograph } from '../photograph.ts';
import { refusal } from '../refusal.ts';

/** Strips that Pillow 9.4 wrote, of the two pictures below. */
const strips = {
  zstandard:
    'KLUv/QBg9RoAKlLUDBfgzs4YsCyHJdd8OMgpahnHYb7gHhlspMQAwwDJADeaPaTlPXtO1kAmL6oaHsmqJazxfxlCjB4HKeo5' +
    'H2IkqiB+Ct8WLPyZmMH2iqD05EWWE/Thvl+3DaQIB6LgdLsIKmSCguK6/beLRHYHedDitMsdlwNzgQVkKEvxzraQuWtkzAca' +
    'PXMr+THshbTHQqQ2syzEq1O+uAXdARwsop2RywR5jfkiyOni0kil7Vz7UPDQj20dyZgNYDloKJkzcrJnrAt3DWeUvDSHj+xd' +
    'OOROrZftjGlnKgwFKYYynVOcy/al3AE0gnaleEQkguMfU+U8cz7OgxzyLResZOj5j6SC1wC0zzJMxSTHEir6TbDMzgUI8MJH' +
    'TWg+Zi/LH9YaCuLEc0MeGPCiBVwhLiLNXy0h1INsjsmo/rNiBtD5LFNAReum4AaxD+02QV4NHFoSgc/yxjHE42Yh4JI7oFGM' +
    'cxgmkCdt+GvTE1LFv5XJC5R5FYhaCteYHj+mYHvFg0cLvVS1buqEfv9mbRZkvkxracAlgH+QQ0MsMWYvoQwznaZhPQsF6oEf' +
    '9AGM7e6fECAgrU2zvinpCGotS3QTwKRTzxdBU4oW10ieNzwFzNsvb1o83EKotw39yKgDoqkkAPhSiqyAQgbKbykSWQQcBMa0' +
    'iq+lSOTZehyWxS1J2ovlcNR9EKmstzJgJKqsp7qx7pAmHa75Rsw0SjXMD7KcmK+SkvJogtW0tRZwsDRGo7NB65SkIvtJlSaD' +
    'ANjcsy2KH2M4Di0V3N6hFCP6oXdbps6mm5nxsgFyyJKybZz0or+TVOmKcqspJeEgVwztamwpjLG8oBl7LVC3lnrtCkIvNgeA' +
    'I1roUHzHPpDO/A+NO/xQFpbcIUuh7D52QVw4PzvPi/N97ZIuRUHaCEG2cSqjMo86DCh2d1UE4CGocjFj8wrw1xZE02VqqkKR' +
    'sCT/6EZ7h1orBpKZRVaJg09CYE3qbH6Csl/FwUKXQeOQArQVTxjaDiCBHVNv003WzAzPDeIolGoXXMKt69BqJMUurU8zXYDd' +
    'iVzu+CRbgyENfru6PDSZhMQoJhE+ZipUyGDbxg5iQ9VjtGmesDzOrqcBDQCRxiSSNu5YuFocx54ME42+CDQH3B7cHogI3B7c' +
    'HohIIG6XBg==',
  group4: 'mYs2zbNtBF4OgqCCBF/QQXSCCCBPpaSQQQV9JL0kEkEF+kqSSSCC/pJJL/aSSX/2gkl+0u7SS7vbCS7a7DCW3DBqGHIswYAI' + 'AIA=',
  group3:
    'ABUAAzFmADbt2wAYno4nABffffffABfHx906fHxwAXQ+OnQ+OnQ+OgAXQ6HQ+Oh0OnQ6HQ4AI6HQ6HQ6HQ6HQ6HQ6HQAI6HQ' +
    '6Hx0Oh06HQ6HQAI6Hx06Hx06Hx0OACOnT4+PunToAEffffffHABH4no4wAR3btwACOLMYA==',
  huffman:
    'UJizt27YiejicH33333wfHx906fHx3Q+OnQ+OnQ+OnQ6HQ+Oh0OnQ6HQ4B0Oh0Oh0Oh0Oh0Oh0OgHQ6HQ+Oh0OnQ6HQ6HQ+O' +
    'nQ+OnQ+Ohx06fHx906dAH33333xwH4no4x3btwAcWYw=',
};
const bytesOf = (strip: keyof typeof strips) => Buffer.from(strips[strip], 'base64');

/** Few values, most of them small, and places that repeat. */
const grey = { width: 40, height: 40, bits: 8, photometric: 1, compression: 50000 };
const greyAt = (x: number, y: number) => {
  const n = (x * x * 31 + y * y * 17 + x * y * 7 + (x ^ y) * 13) % 97;
  return (y >> 3) % 3 === 2 && x < 30 ? 0 : (n % 13) * (n % 7);
};
const black = { width: 24, height: 16, bits: 1, photometric: 1 };
const group4 = { ...black, compression: 4 };
const group3 = { ...black, compression: 3 };
const huffman = { ...black, compression: 2 };
/** Its rows as Pillow gives them, white as 1. */
const blackRows = Array.from({ length: 16 }, (_, y) =>
  Array.from({ length: 24 }, (_, x) => ((x * y) >> 3) & 1).reduce((all, bit) => all * 2 + bit, 0),
).map((row) => row.toString(16).padStart(6, '0'));

async function rowsOf(bytes: Uint8Array): Promise<string[]> {
  const { width, height, data } = await decode(bytes);
  const bit = (i: number): number => (data[3 * i] === 255 ? 1 : 0);
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => bit(y * width + x))
      .reduce((all, value) => all * 2 + value, 0)
      .toString(16)
      .padStart(6, '0'),
  );
}

/** A TIFF whose strip has some bit of one of its bytes the other way round. */
function damaged(tags: Tags, strip: Uint8Array, at: number, bit: number): Buffer {
  const copy = Uint8Array.from(strip);
  copy[at]! ^= 1 << bit;
  return madeTiff(tags, copy);
}

describe('decode, codecs of TIFF', () => {
  it('reads Zstandard, which neither Node 20 nor the libtiff of sharp has', async () => {
    const { data } = await decode(madeTiff(grey, bytesOf('zstandard')));
    const expected = Uint8Array.from({ length: 40 * 40 * 3 }, (_, i) => {
      const pixel = Math.floor(i / 3);
      return greyAt(pixel % 40, Math.floor(pixel / 40));
    });
    expect(data).toEqual(expected);
  });

  it('refuses Zstandard that ends early or has no sense', async () => {
    const strip = bytesOf('zstandard');
    for (const bytes of [strip.subarray(0, -1), strip.subarray(0, 9), Buffer.alloc(strip.length), strip.subarray(1)]) {
      const { message } = await refusal(decode(madeTiff(grey, bytes)));
      expect(message).toBe('the TIFF cannot be decoded: its Zstandard frame is damaged');
    }
  });

  it.each([
    ['group 4', group4, 'group4'],
    ['group 3', group3, 'group3'],
    ['modified Huffman', huffman, 'huffman'],
  ] as const)('reads %s', async (_, tags, strip) => {
    expect(await rowsOf(madeTiff(tags, bytesOf(strip)))).toEqual(blackRows);
  });

  it.each([
    // Rows from Pillow 9.4 with libtiff 4.5.
    [
      'group 4',
      group4,
      'group4',
      2,
      6,
      '000000 00ff00 007f00 003800 000000 000000 000000 000000 000000 000000 000000 000000 000000 300007 40001f 40003e',
    ],
    [
      'group 4',
      group4,
      'group4',
      5,
      3,
      '000000 00ff00 0f0f00 09c300 071e03 000000 600000 400000 000000 000000 000001 000001 000002 000000 000003 00000f',
    ],
    [
      'group 3',
      group3,
      'group3',
      5,
      6,
      '000000 00ff80 0f0f0f 1ce31c 333333 36c936 2d2d2d 2ad52a 555555 55aa55 5a5a5a 49b649 666666 639c63 787878 7f807f',
    ],
    [
      'modified Huffman',
      huffman,
      'huffman',
      2,
      0,
      '000000 00ff00 000000 038000 333333 36c936 2d2d2d 2ad52a 555555 55aa55 5a5a5a 49b649 666666 639c63 787878 7f807f',
    ],
    [
      'modified Huffman',
      huffman,
      'huffman',
      5,
      3,
      '000000 00ff00 0f0f08 038000 333333 36c936 2d2d2d 2ad52a 555555 55aa55 5a5a5a 49b649 666666 639c63 787878 7f807f',
    ],
  ] as const)('reads damaged %s as Pillow does: each line as far as it goes', async (_, tags, strip, at, bit, rows) => {
    expect(await rowsOf(damaged(tags, bytesOf(strip), at, bit))).toEqual(rows.split(' '));
  });

  it('refuses group 3 that loses a line, as Pillow does, and fax coding of several bits', async () => {
    expect((await refusal(decode(damaged(group3, bytesOf('group3'), 2, 0)))).message).toBe(
      'the TIFF cannot be decoded: its fax-coded data end early',
    );
    expect((await refusal(decode(madeTiff({ ...group4, bits: 8 }, bytesOf('group4'))))).message).toBe(
      'the TIFF is damaged: fax coding of 8 bits',
    );
  });

  it('refuses Deflate with a wrong byte, a wrong checksum or too little', async () => {
    const tags = { ...grey, compression: 8 };
    const strip = deflateSync(Uint8Array.from({ length: 1600 }, (_, i) => greyAt(i % 40, Math.floor(i / 40))));
    expect((await decode(madeTiff(tags, strip))).width).toBe(40);
    for (const at of [2, strip.length - 1]) {
      expect((await refusal(decode(damaged(tags, strip, at, 0)))).message).toMatch(/^the TIFF cannot be decoded: /);
    }
    for (const bytes of [strip.subarray(0, -1), deflateSync(Buffer.alloc(1599))]) {
      expect((await refusal(decode(madeTiff(tags, bytes)))).code).toBe('OOD_IMAGE_UNREADABLE');
    }
  });

  it('reads Deflate that holds more rows than the strip, as libtiff does', async () => {
    const strip = deflateSync(Buffer.alloc(100_000, 7));
    const { data } = await decode(madeTiff({ ...grey, compression: 8 }, strip));
    expect(data.every((value) => value === 7)).toBe(true);
  });

  it.each(['lzw', 'deflate'] as const)('refuses damage in strips and tiles of %s', async (compression) => {
    for (const tile of [false, true]) {
      const bytes = await photograph().tiff({ compression, tile, tileWidth: 16, tileHeight: 16 }).toBuffer();
      expect(await decode(bytes)).toEqual(noise(64, 48, 7));
      const sector = Buffer.from(bytes).fill(0, 4096, 4608);
      expect((await refusal(decode(sector))).code).toBe('OOD_IMAGE_UNREADABLE');
    }
  });

  it('reads JPEG and WebP in strips and in tiles', async () => {
    for (const compression of ['jpeg', 'webp'] as const) {
      for (const tile of [false, true]) {
        const options = { compression, tile, tileWidth: 16, tileHeight: 16, quality: 100 };
        const { width, height, data } = await decode(await photograph().tiff(options).toBuffer());
        expect([width, height]).toEqual([64, 48]);
        const original = noise(64, 48, 7).data;
        const error = data.reduce((sum, value, i) => sum + Math.abs(value - original[i]!), 0) / data.length;
        expect(error).toBeLessThan(60); // of noise that is not the same: 85
      }
    }
  });

  it('refuses a JPEG tile that is zeroed, which libvips takes for black', async () => {
    const options = { compression: 'jpeg', tile: true, tileWidth: 32, tileHeight: 32 } as const;
    const bytes = await photograph().tiff(options).toBuffer();
    const error = await refusal(decode(Buffer.from(bytes).fill(0, 8, 200)));
    expect(error.message).toMatch(/^the TIFF cannot be decoded: /);
  });

  it.each([
    [34925, 'LZMA'],
    [34661, 'JBIG'],
    [34887, 'LERC'],
    [32809, 'ThunderScan'],
    [32766, 'NeXT'],
    [65000, 'compression 65000'],
  ])('refuses compression %i by name: %s', async (compression, name) => {
    const error = await refusal(decode(madeTiff({ ...grey, compression }, [1, 2, 3])));
    expect(error.message).toBe(`a TIFF of ${name} is not supported`);
    expect(error.fix).toContain('Convert it to PNG');
  });

  it('undoes differences, and refuses those that make no sense', async () => {
    const tags = { ...grey, width: 4, height: 1, compression: 8, predictor: 2 };
    const { data } = await decode(madeTiff(tags, deflateSync(Uint8Array.of(250, 10, 255, 1))));
    expect([...data].filter((_, i) => i % 3 === 0)).toEqual([250, 4, 3, 4]);
    const error = await refusal(decode(madeTiff({ ...tags, predictor: 3 }, deflateSync(Buffer.alloc(4)))));
    expect(error.message).toBe('the TIFF is damaged: its predictor is 3');
  });

  it('takes no memory for tiles that the file does not list, and leaves their pixels black, as Pillow does', async () => {
    const tags = { width: 13_000, height: 1_000, bits: 8, photometric: 1, tileWidth: 1, tileHeight: 1 };
    const { data } = await decode(madeTiff(tags, [9]));
    expect([...data.subarray(0, 6)]).toEqual([9, 9, 9, 0, 0, 0]);
    const error = await refusal(decode(madeTiff({ ...tags, compression: 5 }, [9])));
    expect(error.message).toBe('the TIFF ends before its last pixel');
  });

  it('reads uncompressed strips whatever length the file gives them, as Pillow does', async () => {
    const tags = { width: 2, height: 1, bits: 8, photometric: 1 };
    expect([...(await decode(madeTiff(tags, [9, 200], 4_000_000))).data]).toEqual([9, 9, 9, 200, 200, 200]);
  });
});
