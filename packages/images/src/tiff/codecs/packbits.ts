import { unreadable } from '../../refusals.ts';

/**
 * Decodes PackBits: a length below 128, and one byte more than it says; or a length above, and one byte 257 less the
 * length times. Runs that reach beyond the output are cut.
 *
 * Throws OOD_IMAGE_UNREADABLE for data that end early. Source: TIFF 6.0, section 9; libtiff 4.5, tif_packbits.c.
 */
export function decodePackBits(input: Uint8Array, output: Uint8Array): void {
  let written = 0;
  for (let at = 0; at < input.length && written < output.length;) {
    const length = input[at++]!;
    if (length === 128) continue;
    const wanted = Math.min(length < 128 ? length + 1 : 257 - length, output.length - written);
    const taken = length < 128 ? wanted : 1;
    if (at + taken > input.length) break;
    if (length < 128) output.set(input.subarray(at, at + taken), written);
    else output.fill(input[at]!, written, written + wanted);
    at += taken;
    written += wanted;
  }
  if (written < output.length) throw unreadable('damaged', 'the TIFF cannot be decoded: its packed bytes end early');
}
