import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decode } from '../src/decode.ts';
import { photograph } from './photograph.ts';
import { refusal } from './refusal.ts';

describe('decode', () => {
  it.each([
    { kind: 'AVIF', bytes: () => photograph().avif({ effort: 0 }).toBuffer() },
    { kind: 'BigTIFF', bytes: () => photograph().tiff({ bigtiff: true }).toBuffer() },
    { kind: 'JPEG 2000', bytes: () => Promise.resolve(Buffer.from('\0\0\0\x0cjP  \r\n', 'latin1')) },
    { kind: 'SVG', bytes: () => Promise.resolve(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')) },
  ])('refuses $kind by name and says what to do', async ({ kind, bytes }) => {
    const error = await refusal(decode(await bytes()));
    expect(error.message).toBe(`${kind} is not supported, only JPEG, PNG, WebP, GIF, BMP, and TIFF are`);
    expect(error.fix).toBe('Convert it to PNG, which keeps every pixel, or remove it from the dataset.');
  });

  it('refuses an empty file', async () => {
    expect((await refusal(decode(new Uint8Array(0)))).message).toBe('the file is empty');
  });

  it('refuses any garbage in one line', async () => {
    const signatures = fc.constantFrom(
      ...['', '\xff\xd8\xff', '\x89PNG\r\n\x1a\n', 'GIF89a', 'BM', 'II*\0', 'MM\0*', 'RIFF\x40\0\0\0WEBPVP8 '].map(
        (signature) => [...Buffer.from(signature, 'latin1')],
      ),
    );
    await fc.assert(
      fc.asyncProperty(signatures, fc.uint8Array({ maxLength: 300 }), async (signature, rest) => {
        const error = await refusal(decode(Uint8Array.from([...signature, ...rest])));
        expect(error.code).toBe('OOD_IMAGE_UNREADABLE');
        expect(error.message).toMatch(/^.*[^:.\s]$/);
      }),
    );
  });
});
