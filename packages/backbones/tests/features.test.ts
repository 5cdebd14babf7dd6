import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { writeNpy } from '@farout/checkpoints';
import type { BackboneFiles, NDArray } from '@farout/core';
import { evaluate } from '@farout/runtime';
import { input } from '@farout/tensor';
import { features } from '../src/features.ts';

const folder = mkdtempSync(join(tmpdir(), 'farout-head-'));
const saved = (name: string, array: NDArray) => {
  const path = join(folder, name);
  writeFileSync(path, writeNpy(array));
  return path;
};
const weight = saved('weight.npy', { data: Float64Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2] });
const bias = saved('bias.npy', { data: Float32Array.of(10, 20, 30), shape: [3] });
const noFiles = {} as BackboneFiles;

describe('features', () => {
  it.each<{ params: { weight: string; bias?: string }; expected: number[] }>([
    { params: { weight, bias }, expected: [1 - 2 + 10, 3 - 4 + 20, 5 - 6 + 30] },
    { params: { weight }, expected: [1 - 2, 3 - 4, 5 - 6] },
  ])('is a last layer out of files, the bias zeros where none is named', async ({ params, expected }) => {
    const { head } = await features.open(params, noFiles);
    const logits = input('h', ['N', 2]).linear(head.weight, head.bias);
    const rows = { data: Float32Array.of(1, -1), shape: [1, 2] };
    const { y } = await evaluate({ y: logits }, { h: rows });
    expect(Array.from(y!.data, Number)).toEqual(expected);
  });
});
