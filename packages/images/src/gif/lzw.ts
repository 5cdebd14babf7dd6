import { unreadable } from '../refusals.ts';
import { BlockBits } from './block-bits.ts';
import { LzwTable } from '../kinds/gif-lzw.ts';

/**
 * Decodes GIF's LZW until `length` pixels are there; what follows is not looked at. `bits` is the length of the first
 * codes, less one.
 *
 * Throws OOD_IMAGE_UNREADABLE where the pixels are not there, or a code is used before it has a meaning.
 * Source: GIF89a, appendix F, and Pillow 9.4, GifDecode.c, for what is an error.
 */
export function decodeLzw(bytes: Uint8Array, at: number, bits: number, length: number): Uint8Array {
  if (bits > 11) throw unreadable('damaged', `the GIF is damaged: its codes begin with ${bits + 1} bits`);
  const clear = 1 << bits;
  const codes = new BlockBits(bytes, at);
  const table = new LzwTable(bits);
  const pixels = new Uint8Array(length);
  for (let written = 0; written < length;) {
    const code = codes.read(table.codeSize);
    if (code === clear) table.clear();
    else if (code === clear + 1) throw unreadable('damaged', 'the GIF ends before its last pixel');
    else {
      const string = table.expand(code);
      pixels.set(string.subarray(0, length - written), written);
      written += string.length;
    }
  }
  return pixels;
}
