import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { withFile } from '../src/files.ts';
import { inFile, inFolder } from './parts/surroundings.ts';

const content = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * i) % 251));

describe('withFile', () => {
  it('reads any part of a file, small or large, in any order', async () => {
    const part = fc.tuple(fc.nat(content.length), fc.oneof(fc.nat(100), fc.nat(content.length)));
    await inFile(content, (path) =>
      fc.assert(
        fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 10 }), async (parts) =>
          withFile(path, async (file) => {
            for (const [position, wanted] of parts) {
              const length = Math.min(wanted, content.length - position);
              const expected = content.subarray(position, position + length);
              expect(expected.equals(await file.read(position, length, 'it'))).toBe(true);
            }
          }),
        ),
      ),
    );
  });

  it('gives every part a buffer of its own', async () => {
    await inFile(content, (path) =>
      withFile(path, async (file) => {
        const first = await file.read(0, 8, 'it');
        first.fill(255);
        expect(first.buffer.byteLength).toBe(8);
        expect((await file.read(0, 2, 'it'))[1]).toBe(1);
      }),
    );
  });

  it.each([
    [100_001, 0],
    [99_999, 2],
    [0, 2 ** 52],
    [2 ** 63, 1],
  ])('refuses to read past the end: from %d, %d bytes', async (position, length) => {
    await inFile(content, (path) =>
      withFile(path, async (file) => {
        await expect(file.read(position, length, 'it')).rejects.toThrow(/it would end at byte \d+, but/);
      }),
    );
  });

  it('does not wait at a pipe for somebody to write to it', async () => {
    await inFolder(async (folder) => {
      execFileSync('mkfifo', [`${folder}/pipe`]);
      await expect(withFile(`${folder}/pipe`, () => Promise.resolve())).rejects.toMatchObject({
        code: 'OOD_MISSING_FILE',
        message: `${folder}/pipe is not a file`,
      });
    });
  });

  it('says that a file is missing, or a folder', async () => {
    await inFolder(async (folder) => {
      const use = () => Promise.resolve();
      await expect(withFile(`${folder}/none`, use)).rejects.toMatchObject({ code: 'OOD_MISSING_FILE' });
      await expect(withFile(folder, use)).rejects.toMatchObject({ code: 'OOD_MISSING_FILE' });
    });
  });
});
