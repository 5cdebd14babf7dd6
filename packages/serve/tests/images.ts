import { crc32, deflateSync } from 'node:zlib';
import { encodePng } from '@farout/images';

/** A picture of one colour, as PNG. */
export function plain(width: number, height: number, colour: readonly [number, number, number]): Uint8Array {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, at) => colour[at % 3]!);
  return encodePng({ width, height, data });
}

/** A black PNG of one bit a pixel: some kilobytes, however many pixels it has. */
export function black(width: number, height: number): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const rows = deflateSync(Buffer.alloc(height * (1 + Math.ceil(width / 8))), { level: 1 });
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, content: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
