import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { withFile } from '../src/files.ts';
import { readCheckpoint, readOnnxFile } from '../src/index.ts';
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

/** What lies where weights should, how it begins, and what an error says of it. */
const impostors: Record<string, [content: string | Uint8Array, says: RegExp]> = {
  'a pointer of git LFS': [
    `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 102530333\n`,
    /it is a Git LFS pointer/,
  ],
  'a web page': ['<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>', /it is a web page \(HTML\)/],
  'a web page behind blanks and a byte order mark': ['\ufeff\r\n  <html lang="en">', /it is a web page \(HTML\)/],
  'an answer in XML': ['<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', /it is XML/],
  'an answer in JSON': ['{"error":"Repository not found"}', /it is JSON/],
  'an answer in words': ['Entry not found', /it is text/],
  'a file packed by gzip': [Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3), /it is compressed with gzip/],
  'an empty file': ['', /it is empty/],
};

const bytesOf = (content: string | Uint8Array) => (typeof content === 'string' ? Buffer.from(content) : content);

describe('in the place of weights', () => {
  it.each(Object.entries(impostors))('%s is recognised', async (_, [content, says]) => {
    await inFile(bytesOf(content), async (file) => {
      await expect(readCheckpoint(file)).rejects.toMatchObject({
        code: 'OOD_CHECKPOINT_REFUSED',
        message: expect.stringMatching(says) as unknown,
      });
      await expect(readOnnxFile(file)).rejects.toMatchObject({
        code: 'OOD_ONNX_REFUSED',
        message: expect.stringMatching(says) as unknown,
      });
    });
  });

  it('a pointer of git LFS in the place of external data is recognised', async () => {
    await inFolder(async (folder) => {
      const model = path.join(folder, 'model.onnx');
      await writeFile(model, Uint8Array.of(8, 7));
      await writeFile(path.join(folder, 'model.bin'), bytesOf(impostors['a pointer of git LFS']![0]));
      const { external } = await readOnnxFile(model);
      await expect(external('model.bin', 0, 4096)).rejects.toMatchObject({
        code: 'OOD_ONNX_REFUSED',
        message: expect.stringMatching(/model\.bin": it is a Git LFS pointer/) as unknown,
      });
    });
  });
});

const latin1 = (text: string) => Buffer.from(text, 'latin1');

describe('a file of another format', () => {
  it.each([
    [
      'what torch.save writes',
      latin1('PK\x03\x04 and more'),
      /not an ONNX file, but a zip, such as torch\.save writes/,
      /reads checkpoints, such as resnet50; or export/,
    ],
    [
      'what torch.save wrote before',
      latin1('\x80\x02\x8a\x0al\xfc\x9c'),
      /but a pickle, such as torch\.save/,
      /reads checkpoints/,
    ],
    ['safetensors', latin1('\x08\0\0\0\0\0\0\0{"a":{}}'), /but safetensors/, /reads checkpoints/],
    ["Keras' HDF5", latin1('\x89HDF\r\n\x1a\n'), /but HDF5/, /tf2onnx/],
    ['an array of numpy', latin1('\x93NUMPY\x01\0'), /an array of numpy/, /Name the file/],
  ])('is no ONNX file: %s', async (_, bytes, message, fix) => {
    await inFolder(async (folder) => {
      const file = join(folder, 'network');
      writeFileSync(file, bytes);
      await expect(readOnnxFile(file)).rejects.toMatchObject({
        code: 'OOD_ONNX_REFUSED',
        message: expect.stringMatching(message) as unknown,
        fix: expect.stringMatching(fix) as unknown,
      });
    });
  });

  it('is no checkpoint: an ONNX file', async () => {
    await inFolder(async (folder) => {
      const file = join(folder, 'network.pth');
      // Version 8 of the format, made by "pytorch" 1.13.
      writeFileSync(file, latin1('\x08\x08\x12\x07pytorch\x1a\x061.13.1'));
      await expect(readCheckpoint(file)).rejects.toMatchObject({
        code: 'OOD_CHECKPOINT_REFUSED',
        message: expect.stringContaining('an ONNX file, which contains a network with its weights') as unknown,
        fix: expect.stringContaining('onnx: { weights:') as unknown,
      });
      expect((await readOnnxFile(file)).bytes.length).toBe(19);
    });
  });
});
