import { unreadable } from '../refusals.ts';

const damaged = (why: string) => unreadable('damaged', `the TIFF cannot be decoded: ${why}`);

const clear = 256;
const endOfInformation = 257;
const firstFree = 258;
const shortest = 9;
const longest = 12;
const tableSize = 1 << longest;

/**
 * Decodes TIFF's LZW: codes of 9 to 12 bits, the highest bit first, which grow one code earlier than GIF's. Fills the
 * output; what follows is not looked at.
 *
 * Throws OOD_IMAGE_UNREADABLE for a code without a meaning and for data that end early. Source: TIFF 6.0, section 13,
 * and libtiff 4.5, tif_lzw.c, for what is an error.
 */
export function decodeLzw(input: Uint8Array, output: Uint8Array): void {
  if (input[0] === 0 && (input[1]! & 1) === 1)
    throw unreadable('foreign', 'a TIFF with LZW codes of the old order is not read');
  const prefixes = new Uint16Array(tableSize);
  const lasts = new Uint8Array(tableSize);
  const firsts = new Uint8Array(tableSize);
  const lengths = new Uint16Array(tableSize);
  for (let i = 0; i < 256; i++) [lasts[i], firsts[i], lengths[i]] = [i, i, 1];

  let [at, bits, available, size] = [0, 0, 0, shortest];
  const next = () => {
    while (available < size) {
      if (at >= input.length) throw damaged('its LZW codes end early');
      bits = ((bits << 8) | input[at++]!) & 0xffffff;
      available += 8;
    }
    available -= size;
    return (bits >> available) & ((1 << size) - 1);
  };

  let written = 0;
  // Before the first clear code, and when the table is full, nothing can be defined: no code is known then.
  let free = 0;
  let previous = 0;
  while (written < output.length) {
    let code = next();
    if (code === endOfInformation) throw damaged('its LZW codes end before the last pixel');
    if (code === clear) {
      [free, size] = [firstFree, shortest];
      do code = next();
      while (code === clear);
      if (code > clear) throw damaged('an LZW code has no meaning');
    } else {
      if (free === 0 || code > free) throw damaged('an LZW code has no meaning');
      prefixes[free] = previous;
      firsts[free] = firsts[previous]!;
      lengths[free] = lengths[previous]! + 1;
      lasts[free] = firsts[code === free ? previous : code]!;
      free++;
      if (free > (1 << size) - 2) size = Math.min(longest, size + 1);
      if (free === tableSize) free = 0;
    }
    previous = code;
    let end = written + lengths[code]!;
    written = end;
    for (; lengths[code]! > 1; code = prefixes[code]!) output[--end] = lasts[code]!;
    output[--end] = lasts[code]!;
  }
}
