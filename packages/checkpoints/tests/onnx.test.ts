import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readOnnxFile } from '@farout/checkpoints';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

let root: string;
let model: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'farout-onnx-'));
  await mkdir(path.join(root, 'models', 'data'), { recursive: true });
  model = path.join(root, 'models', 'net.onnx');
  await writeFile(model, Uint8Array.of(8, 9));
  await writeFile(path.join(root, 'models', 'weights.bin'), Uint8Array.of(0, 1, 2, 3, 4, 5));
  await writeFile(path.join(root, 'models', 'data', 'more.bin'), Uint8Array.of(6, 7));
  await writeFile(path.join(root, 'secret'), 'secret');
});

afterEach(() => rm(root, { recursive: true, force: true }));

const external = async (file: string, offset = 0, length = 1) => [
  ...(await (await readOnnxFile(model)).external(file, offset, length)),
];

describe('readOnnxFile', () => {
  it('gives the bytes of a model', async () => {
    expect([...(await readOnnxFile(model)).bytes]).toEqual([8, 9]);
  });

  it('gives bytes of files beside the model and below its folder', async () => {
    expect(await external('weights.bin', 2, 3)).toEqual([2, 3, 4]);
    expect(await external('./data/more.bin', 1, 1)).toEqual([7]);
    expect(await external('data\\more.bin', 0, 2)).toEqual([6, 7]);
  });

  it.each(['../secret', 'data/../../secret', '..\\secret', 'C:\\secret', '/etc/hostname', '.'])(
    'reads nothing at "%s"',
    async (file) => {
      await expect(external(file)).rejects.toMatchObject({
        code: expect.stringMatching(/^OOD_(ONNX_REFUSED|MISSING_FILE)$/) as unknown,
      });
    },
  );

  it('follows no link out of the folder', async () => {
    await symlink(path.join(root, 'secret'), path.join(root, 'models', 'link'));
    await symlink(root, path.join(root, 'models', 'up'));
    await expect(external('link')).rejects.toMatchObject({
      code: 'OOD_ONNX_REFUSED',
      message: `${model}, which reads "link": it stores data outside its own folder`,
    });
    await expect(external('up/secret')).rejects.toMatchObject({ code: 'OOD_ONNX_REFUSED' });
  });

  it('refuses what a file is too short for', async () => {
    await expect(external('weights.bin', 4, 4)).rejects.toMatchObject({
      code: 'OOD_ONNX_REFUSED',
      message: expect.stringContaining('would end at byte 8, but the file has 6 bytes') as unknown,
    });
  });

  it('misses a file under its own name', async () => {
    await expect(external('absent.bin')).rejects.toMatchObject({
      code: 'OOD_MISSING_FILE',
      message: expect.stringContaining('absent.bin') as unknown,
    });
    await expect(readOnnxFile(path.join(root, 'absent.onnx'))).rejects.toMatchObject({ code: 'OOD_MISSING_FILE' });
  });
});
