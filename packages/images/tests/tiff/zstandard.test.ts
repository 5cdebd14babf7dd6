import { describe, expect, it } from '@jest/globals';
import { decode } from '../../src/decode.ts';
import { decodeZstandard } from '../../src/tiff/zstandard.ts';
import { madeTiff } from '../made-tiff.ts';
import { inflatingZstandard, madeZstandard } from '../made-zstandard.ts';
import { refusal } from '../refusal.ts';

const tags = { width: 40, height: 40, bits: 8, photometric: 1, compression: 50000 };
const rows = Uint8Array.from({ length: 1600 }, (_, i) => (i * i) % 251);
/** As libzstd 1.5.4 gives it for these rows. */
const checksum = 'fa36a92d';
const [upper, lower] = [rows.subarray(0, 900), rows.subarray(900)];
const wrong = Uint8Array.from(rows, (value, i) => (i === 700 ? value ^ 1 : value));
/** A frame that says of itself that it is to be skipped; read as another one, it would reach to the end of the next. */
const skipped = Buffer.from('502a4d1806000000413200aabbcc', 'hex');

const greysOf = async (strip: Uint8Array) => (await decode(madeTiff(tags, strip))).data.filter((_, i) => i % 3 === 0);

/** Each is judged here as libtiff 4.5 with libzstd 1.5.4 judges it in Pillow 9.4. */
describe('decode, Zstandard in TIFF', () => {
  it.each([
    ['of one block', madeZstandard([rows])],
    ['of several blocks', madeZstandard([upper, lower])],
    ['whose last block is empty', madeZstandard([rows, Buffer.alloc(0)])],
    ['with its size', madeZstandard([rows], { size: 1600 })],
    ['with a checksum', madeZstandard([rows], { checksum })],
    ['with its size and a checksum', madeZstandard([upper, lower], { size: 1600, checksum })],
    ['that holds more rows', madeZstandard([rows, rows])],
    ['that holds more rows and says so', madeZstandard([rows, rows], { size: 3200 })],
    ['with bytes behind it', Buffer.concat([madeZstandard([rows], { checksum }), upper])],
  ])('reads a frame %s', async (_, strip) => {
    expect(await greysOf(strip)).toEqual(rows);
  });

  it.each([
    ['with a wrong pixel, by its checksum', madeZstandard([wrong], { checksum })],
    ['with a wrong pixel, by its checksum, though it has its size', madeZstandard([wrong], { size: 1600, checksum })],
    ['with a wrong checksum', madeZstandard([rows], { checksum: '00000000' })],
    ['with a wrong size', madeZstandard([rows], { size: 1700 })],
    ['with too little', madeZstandard([rows.subarray(1)])],
    ['with nothing', madeZstandard([Buffer.alloc(0)])],
    ['that has no block', madeZstandard([])],
    ['that ends within its last block', madeZstandard([upper, lower]).subarray(0, -1)],
    ['that ends before its last block', madeZstandard([upper, lower]).subarray(0, -703)],
    ['that goes on in another one', Buffer.concat([madeZstandard([upper]), madeZstandard([lower])])],
    ['behind one to be skipped', Buffer.concat([skipped, madeZstandard([rows])])],
  ])('refuses a frame %s', async (_, strip) => {
    const { message } = await refusal(greysOf(strip));
    expect(message).toBe('the TIFF cannot be decoded: its Zstandard frame is damaged');
  });

  it('reads a strip after one that was refused', async () => {
    await refusal(greysOf(madeZstandard([wrong], { checksum })));
    expect(await greysOf(madeZstandard([rows], { checksum }))).toEqual(rows);
  });

  it('refuses a strip that WebAssembly has no room for', async () => {
    const bytes = 2 ** 31;
    const error = await refusal(decodeZstandard(inflatingZstandard(bytes), new Uint8Array(bytes)));
    expect(error.message).toBe('a Zstandard strip of this size is not supported');
    expect(error.fix).toContain('Convert it to PNG');
  });
});
