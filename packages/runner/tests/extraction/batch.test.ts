import { execFileSync } from 'node:child_process';
import { open, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { hashImageFile, readImageFile } from '../../src/extraction/batch.ts';
import { temporaryFolder } from '../fixtures/tiny.ts';

let folder: string;
const at = (name: string) => path.join(folder, name);

beforeAll(async () => {
  folder = await temporaryFolder();
});

describe('readImageFile', () => {
  it('reads a file', async () => {
    await writeFile(at('a.png'), 'bytes');
    expect(Buffer.from(await readImageFile(at('a.png'))).toString()).toBe('bytes');
  });

  it('hashes a file of any size as sha256sum does', async () => {
    await writeFile(at('long.png'), Buffer.alloc(300_001, 'abc'));
    await writeFile(at('empty.png'), '');
    for (const name of ['long.png', 'empty.png']) {
      const [expected] = execFileSync('sha256sum', [at(name)], { encoding: 'utf8' }).split(' ');
      expect(await hashImageFile(at(name))).toBe(expected);
    }
  });

  it('does not wait for a writer of a fifo', async () => {
    execFileSync('mkfifo', [at('fifo.png')]);
    await expect(readImageFile(at('fifo.png'))).rejects.toMatchObject({ code: 'OOD_IMAGE_UNREADABLE' });
  });

  it('cannot open a socket', async () => {
    const server = createServer().listen(at('socket.png'));
    try {
      await expect(readImageFile(at('socket.png'))).rejects.toMatchObject({ syscall: 'open' });
    } finally {
      server.close();
    }
  });

  it('does not read a device or a folder', async () => {
    await expect(readImageFile('/dev/zero')).rejects.toMatchObject({ code: 'OOD_IMAGE_UNREADABLE' });
    await expect(readImageFile(folder)).rejects.toMatchObject({ code: 'OOD_IMAGE_UNREADABLE' });
  });

  it('does not take memory for a file that is far too large', async () => {
    const handle = await open(at('large.png'), 'w');
    await handle.truncate(2 ** 40);
    await handle.close();
    await expect(readImageFile(at('large.png'))).rejects.toThrow('larger than 1 GiB');
  });
});
