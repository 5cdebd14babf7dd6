import { crc32 } from 'node:zlib';
import sharp from 'sharp';

const [width, height] = [97, 71];

/** Waves of colour with noise on them, the same each time; the fourth channel is what lies behind. */
function drawn(channels: 3 | 4, alpha: (pixel: number) => number = () => 255) {
  let state = 3;
  const noise = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  const data = Uint8Array.from({ length: width * height * channels }, (_, at) => {
    const [pixel, channel] = [Math.floor(at / channels), at % channels];
    if (channel === 3) return alpha(pixel);
    return Math.floor(100 + 70 * Math.sin(pixel / (7 + 9 * channel)) + 60 * noise());
  });
  return sharp(data, { raw: { width, height, channels } });
}

/** Files that browsers decode to the run's pixels. */
export async function readable(): Promise<Record<string, Uint8Array>> {
  const png = await drawn(3).png().toBuffer();
  return {
    'usual.jpg': await drawn(3).jpeg({ quality: 80 }).toBuffer(),
    'whole-colours-progressive.jpg': await drawn(3).jpeg({ chromaSubsampling: '4:4:4', progressive: true }).toBuffer(),
    'grey.jpg': await drawn(3).greyscale().jpeg().toBuffer(),
    'turned.jpg': await drawn(3).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    'profile.jpg': await drawn(3).withIccProfile('p3').jpeg().toBuffer(),
    'usual.png': png,
    'profile.png': await drawn(3).withIccProfile('p3').png().toBuffer(),
    'gamma.png': withChunk(png, 'gAMA', Buffer.from([0, 1, 0x86, 0xa0])),
    'palette.png': await drawn(4, (pixel) => (pixel % 5 === 0 ? 0 : 255))
      .png({ palette: true, colours: 40 })
      .toBuffer(),
    'grey.png': await drawn(3).greyscale().png().toBuffer(),
    'nothing-transparent.png': await drawn(4).png().toBuffer(),
    'interlaced.png': await drawn(3).png({ progressive: true }).toBuffer(),
    'lossy.webp': await drawn(3).webp({ quality: 70 }).toBuffer(),
    'lossless.webp': await drawn(3).webp({ lossless: true }).toBuffer(),
    'lossy-transparent.webp': await drawn(4, (pixel) => pixel % 256)
      .webp({ quality: 70, exact: true })
      .toBuffer(),
  };
}

/** Files that are refused, and what is said of them. */
export async function refused(): Promise<Record<string, readonly [bytes: Uint8Array, why: string]>> {
  const { 'usual.jpg': jpeg, 'usual.png': png, 'lossy.webp': webp } = (await readable()) as Record<string, Buffer>;
  const frames = await Promise.all([drawn(3), drawn(3).negate()].map((each) => each.png().toBuffer()));
  return {
    'cmyk.jpg': [await drawn(3).toColourspace('cmyk').jpeg().toBuffer(), 'CMYK'],
    'deep.png': [await drawn(3).toColourspace('rgb16').png().toBuffer(), '16 bits'],
    'transparent.png': [
      await drawn(4, (pixel) => pixel % 256)
        .png()
        .toBuffer(),
      'transparent',
    ],
    'transparent.webp': [
      await drawn(4, (pixel) => pixel % 256)
        .webp({ lossless: true, exact: true })
        .toBuffer(),
      'transparent',
    ],
    'moving.webp': [
      await sharp(frames, { join: { animated: true } })
        .webp()
        .toBuffer(),
      'animation',
    ],
    'moving.gif': [await drawn(3).gif().toBuffer(), 'not a JPEG, PNG or WebP'],
    'drawing.svg': [
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      'not a JPEG, PNG or WebP',
    ],
    'cut.jpg': [jpeg!.subarray(0, jpeg!.length / 2), 'ends early'],
    'cut.png': [png!.subarray(0, png!.length / 2), 'ends early'],
    'cut.webp': [webp!.subarray(0, webp!.length / 2), 'ends early'],
    'damaged.png': [changed(png!, png!.length >> 1), 'damaged'],
    'empty.jpg': [Buffer.alloc(0), 'empty'],
  };
}

function changed(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 0xff;
  return copy;
}

/** A PNG with a chunk behind its header. */
function withChunk(png: Buffer, type: string, content: Buffer): Buffer {
  const chunk = Buffer.alloc(12 + content.length);
  chunk.writeUInt32BE(content.length);
  chunk.write(type, 4, 'latin1');
  content.copy(chunk, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + content.length)), 8 + content.length);
  return Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)]);
}
