import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { TypedArray } from '@farout/core';
import { readNpy } from '../src/npy/read-npy.ts';
import { data, inFile, inFolder, itWithData, pythonWith } from './parts/surroundings.ts';

const sha256 = (numbers: TypedArray) => createHash('sha256').update(numbers).digest('hex');
const numpy = pythonWith('numpy');

describe('readNpy', () => {
  it('names the file that it refuses, and the one that is missing', async () => {
    await inFile(Buffer.from('something else'), async (path) => {
      const message = `${path}: not a .npy file`;
      await expect(readNpy(path)).rejects.toMatchObject({ code: 'OOD_ARRAY_INVALID', message });
    });
    await inFolder(async (folder) => {
      await expect(readNpy(join(folder, 'none.npy'))).rejects.toMatchObject({ code: 'OOD_MISSING_FILE' });
    });
  });

  for (const [network, width] of [
    ['resnet50', 2048],
    ['mobilenet-v2', 1280],
  ] as const) {
    itWithData(`reads the reference features of ${network}, which come out of ReLU and pooling`, async () => {
      const { data: features, shape } = await readNpy(join(data!, 'golden', network, 'features-first32.npy'));
      expect(shape).toEqual([32, width]);
      expect(features).toBeInstanceOf(Float32Array);
      expect((features as Float32Array).every((value) => value >= 0 && value < 20)).toBe(true);
    });
  }

  const itWithBoth = numpy && data ? it : it.skip;
  itWithBoth('gives every reference array the shape and numbers that numpy sees', async () => {
    const names = ['features-first32', 'logits-first32', 'input-first2', 'odin-gradient-first2'];
    const paths = names.map((name) => join(data!, 'golden', 'resnet50', `${name}.npy`));
    const seen = numpy!(
      `import sys, json, hashlib, numpy
print(json.dumps([[list(a.shape), hashlib.sha256(a.tobytes()).hexdigest()] for a in map(numpy.load, sys.argv[1:])]))`,
      ...paths,
    );
    const read = await Promise.all(paths.map(readNpy));
    expect(read.map(({ data: numbers, shape }) => [shape, sha256(numbers)])).toEqual(JSON.parse(seen));
  });
});
