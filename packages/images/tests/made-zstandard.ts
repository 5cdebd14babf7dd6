/** What a frame says of its content, where it says anything. */
interface Said {
  /** 256 to 65,791 bytes. */
  readonly size?: number;
  /** Four bytes in hexadecimal: the low half of XXH64, which libzstd gave. */
  readonly checksum?: string;
}

/** Writes a Zstandard frame whose blocks are stored as they are. Source: RFC 8878, section 3.1.1. */
export function madeZstandard(blocks: readonly Uint8Array[], { size, checksum }: Said = {}): Buffer {
  const flags = (size === undefined ? 0 : 0x60) | (checksum === undefined ? 0 : 4);
  const length = size === undefined ? [0x38] : [(size - 256) & 255, (size - 256) >> 8];
  const stored = blocks.flatMap((block, i) => [blockHead(block.length, 0, i === blocks.length - 1), block]);
  return Buffer.concat([magic, Buffer.of(flags, ...length), ...stored, Buffer.from(checksum ?? '', 'hex')]);
}

/** Writes a Zstandard frame of blocks that repeat the byte 7, each as long as a block can be. */
export function inflatingZstandard(bytes: number): Buffer {
  const longest = 1 << 17;
  const blocks = Array.from({ length: Math.ceil(bytes / longest) }, () => [blockHead(longest, 1, false), Buffer.of(7)]);
  return Buffer.concat([magic, Buffer.of(0, 0x38), ...blocks.flat(), blockHead(0, 0, true)]);
}

const magic = Buffer.from('28b52ffd', 'hex');

function blockHead(size: number, kind: number, last: boolean): Buffer {
  const head = Buffer.alloc(3);
  head.writeUIntLE(size * 8 + kind * 2 + (last ? 1 : 0), 0, 3);
  return head;
}
