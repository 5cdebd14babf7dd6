import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readCheckpoint, readOnnxFile } from '../src/index.ts';
import { inFolder } from './parts/surroundings.ts';

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
        message: expect.stringContaining('an ONNX file, which holds a network with its weights') as unknown,
        fix: expect.stringContaining('onnx: { weights:') as unknown,
      });
      expect((await readOnnxFile(file)).bytes.length).toBe(19);
    });
  });
});
