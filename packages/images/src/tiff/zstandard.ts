import { ZSTDDecoder } from 'zstddec';
import { unreadable } from '../image-kind.ts';

const magic = 0xfd2fb528;
const largestBlock = 1 << 17;
const [runLength, compressed] = [1, 2];
/** A strip may contain more rows than wanted: the limit of extra bytes to decode. */
const margin = 1 << 24;
/** Memory the decoder needs in addition to the frame and its content. */
const workspace = 1 << 20;
/** WebAssembly has 2 GiB; the decoder's own data takes some of it. */
const mostMemory = 2 ** 31 - 2 ** 20;
/** A frame with one byte of content. */
const oneByte = Buffer.from('28b52ffd200109000007', 'hex');

const decoder = new ZSTDDecoder();
const damaged = () => unreadable('damaged', 'the TIFF cannot be decoded: its Zstandard frame is damaged');

/**
 * Decodes the first Zstandard frame of the input into the output. Excess content is dropped, data after the frame is ignored, and a
 * checksum must be right.
 *
 * Throws OOD_IMAGE_UNREADABLE for data that libzstd refuses, that is truncated, or that is too short, and another error if memory
 * runs out. Node has Zstandard only since 22.15. Source: libtiff 4.5, tif_zstd.c, for what is an error.
 */
export async function decodeZstandard(input: Uint8Array, output: Uint8Array): Promise<void> {
  const { frame, most } = firstFrame(input);
  const capacity = Math.min(most, output.length + margin);
  if (capacity < output.length) throw damaged();
  await decoder.init();
  reserve(frame.length + capacity);
  // Never with a capacity of 0, for which the decoder would trust the frame header. For damaged data it returns nothing.
  const bytes = decoder.decode(frame, capacity);
  if (bytes.length < output.length) throw damaged();
  output.set(bytes.subarray(0, output.length));
}

/** Makes the decoder's memory large enough: without enough memory, it would return wrong bytes. */
function reserve(bytes: number): void {
  const needed = bytes + workspace;
  if (needed > mostMemory) throw unreadable('foreign', 'a Zstandard strip of this size is not supported');
  // The decoder keeps what it takes, so that its next call finds it.
  const { length } = decoder.decode(oneByte, needed);
  // By these words a run knows that it was the machine and not the file.
  if (length !== 1) throw new Error('out of memory for a Zstandard strip');
}

/** A frame, and the maximum size of its content. */
interface Frame {
  readonly frame: Uint8Array;
  readonly most: number;
}

/** Finds the end of the frame, block by block: the decoder accepts nothing after it. Source: RFC 8878, section 3.1.1. */
function firstFrame(input: Uint8Array): Frame {
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.length);
  if (bytes.length < 5 || bytes.readUInt32LE(0) !== magic) throw damaged();
  let [at, most] = [headerLength(bytes.readUInt8(4)), 0];
  for (let last = false; !last;) {
    if (at + 3 > bytes.length) throw damaged();
    const head = bytes.readUIntLE(at, 3);
    const [kind, size] = [(head >> 1) & 3, head >> 3];
    most += kind === compressed ? largestBlock : size;
    at += 3 + (kind === runLength ? 1 : size);
    last = (head & 1) === 1;
  }
  const checksum = (bytes.readUInt8(4) & 4) !== 0 ? 4 : 0;
  return { frame: bytes.subarray(0, at + checksum), most };
}

/** Magic number and flags, then what the flags announce: window, dictionary, size of the content. */
function headerLength(flags: number): number {
  const single = (flags & 0x20) !== 0;
  return 5 + (single ? 0 : 1) + [0, 1, 2, 4][flags & 3]! + [single ? 1 : 0, 2, 4, 8][flags >> 6]!;
}
