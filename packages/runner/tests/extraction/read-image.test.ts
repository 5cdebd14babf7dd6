import { execFileSync } from 'node:child_process';
import { open, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { contentHash, hashImage, inputOf, readImage } from '../../src/extraction/read-image.ts';
import { temporaryFolder } from '../fixtures/tiny.ts';

let folder: string;
const at = (name: string) => path.join(folder, name);

beforeAll(async () => {
  folder = await temporaryFolder();
});

const readFileAt = async (path: string) => (await readImage({ path })) as Uint8Array;

describe('readImage', () => {
  it('reads a file', async () => {
    await writeFile(at('a.png'), 'bytes');
    expect(Buffer.from(await readFileAt(at('a.png'))).toString()).toBe('bytes');
  });

  it('hashes a file of any size as sha256sum does', async () => {
    await writeFile(at('long.png'), Buffer.alloc(300_001, 'abc'));
    await writeFile(at('empty.png'), '');
    for (const name of ['long.png', 'empty.png']) {
      const [expected] = execFileSync('sha256sum', [at(name)], { encoding: 'utf8' }).split(' ');
      expect(await hashImage({ path: at(name) })).toBe(expected);
    }
  });

  it('does not wait for a writer of a fifo', async () => {
    execFileSync('mkfifo', [at('fifo.png')]);
    await expect(readFileAt(at('fifo.png'))).rejects.toMatchObject({ code: 'OOD_IMAGE_UNREADABLE' });
  });

  it('cannot open a socket', async () => {
    const server = createServer().listen(at('socket.png'));
    try {
      await expect(readFileAt(at('socket.png'))).rejects.toMatchObject({ syscall: 'open' });
    } finally {
      server.close();
    }
  });

  it('does not read a device or a folder', async () => {
    await expect(readFileAt('/dev/zero')).rejects.toMatchObject({ code: 'OOD_IMAGE_UNREADABLE' });
    await expect(readFileAt(folder)).rejects.toMatchObject({ code: 'OOD_IMAGE_UNREADABLE' });
  });

  it('does not take memory for a file that is far too large', async () => {
    const handle = await open(at('large.png'), 'w');
    await handle.truncate(2 ** 40);
    await handle.close();
    await expect(readFileAt(at('large.png'))).rejects.toThrow('larger than 1 GiB');
  });
});

describe('a stretch of a file', () => {
  const bytes = Buffer.from('header, first image, second image');

  beforeAll(async () => {
    await writeFile(at('shard.tar'), bytes);
  });

  it.each([
    [{ offset: 8, length: 11 }, 'first image'],
    [{ offset: 21 }, 'second image'],
    [{ length: 6 }, 'header'],
    [{ offset: 8, length: 0 }, ''],
    [{ offset: bytes.length }, ''],
  ])('%o is read and hashed alone', async (stretch, expected) => {
    const image = { path: at('shard.tar'), ...stretch };
    expect(Buffer.from((await readImage(image)) as Uint8Array).toString()).toBe(expected);
    await writeFile(at('alone'), expected);
    const [sha256] = execFileSync('sha256sum', [at('alone')], { encoding: 'utf8' }).split(' ');
    expect(await hashImage(image)).toBe(sha256);
  });

  it('is read out of a file of any size, piece by piece', async () => {
    const handle = await open(at('huge.tar'), 'w');
    await handle.write(Buffer.alloc(300_000, 'abc'), 0, 300_000, 2 ** 40);
    await handle.close();
    const image = { path: at('huge.tar'), offset: 2 ** 40 + 3, length: 290_000 };
    expect(Buffer.alloc(290_000, 'abc').equals((await readImage(image)) as Buffer)).toBe(true);
    expect(await hashImage(image)).toBe(contentHash(Buffer.alloc(290_000, 'abc')));
    await expect(readImage({ ...image, offset: 0, length: 2 ** 30 + 1 })).rejects.toThrow('larger than 1 GiB');
  });

  it.each([{ offset: 34 }, { offset: 8, length: 26 }, { offset: 2 ** 53 - 1, length: 0 }])(
    '%o, which ends behind the file, is not read',
    async (stretch) => {
      const image = { path: at('shard.tar'), ...stretch };
      await expect(readImage(image)).rejects.toThrow('the file ends before the image does');
      await expect(hashImage(image)).rejects.toMatchObject({ code: 'OOD_IMAGE_UNREADABLE' });
    },
  );
});

describe('pixels', () => {
  const pixels = { data: Uint8Array.from({ length: 18 }, (_, i) => i), shape: [2, 3, 3] as [number, number, 3] };

  it('are other content in another shape, and other content than their bytes', () => {
    const turned = contentHash({ ...pixels, shape: [3, 2, 3] });
    expect(new Set([contentHash(pixels), turned, contentHash(pixels.data)]).size).toBe(3);
    expect(contentHash({ ...pixels, data: Buffer.from(pixels.data) })).toBe(contentHash(pixels));
  });

  const readBy = (read: unknown) => inputOf({ id: 'a', version: '1', read: () => Promise.resolve(read as Uint8Array) });

  it('are taken from read() as bytes are', async () => {
    expect(await readBy(pixels)).toEqual({ pixels });
    expect(await readBy(pixels.data)).toEqual({ bytes: pixels.data });
  });

  it.each([
    [undefined, 'not nothing'],
    ['text', 'expected bytes or { data, shape } with a Uint8Array as data, not "text"'],
    [[1, 2, 3], 'not a list'],
    [{ ...pixels, data: new Float32Array(18) }, 'with a Uint8Array as data'],
    [{ ...pixels, shape: undefined }, 'not a map'],
    [{ ...pixels, shape: [2, 2, 3] }, '18 bytes do not match the shape (2, 2, 3), expected (height, width, 3)'],
    [{ ...pixels, shape: [6, 3] }, 'match the shape (6, 3)'],
    [{ ...pixels, shape: [3, 2, 3, 1] }, 'match the shape (3, 2, 3, 1)'],
    [{ ...pixels, shape: [-2, -3, 3] }, 'match the shape (-2, -3, 3)'],
    [{ data: new Uint8Array(), shape: [0, 3, 3] }, 'match the shape (0, 3, 3)'],
    [{ ...pixels, shape: ['2', 3, 3] }, 'match the shape ("2", 3, 3)'],
  ])('that are none, as %o, cost the image and nothing else', async (read, says) => {
    expect(await readBy(read)).toEqual({ failure: expect.stringContaining(says) });
    expect(await readBy(read)).toEqual({ failure: expect.stringMatching(/^the dataset cannot read it: /) });
  });
});
