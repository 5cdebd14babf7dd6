import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { byName } from '../src/prepare/file-names.ts';

const at = (...steps: string[]) => path.join(path.sep, ...steps);

describe('the files of a network', () => {
  it('are known by their names', () => {
    expect([...byName([at('a', 'x.onnx'), at('a', 'x.onnx.data')]).keys()]).toEqual(['x.onnx', 'x.onnx.data']);
  });

  it('of one name are told apart by as many folders as it needs, so that the hash of each is kept', () => {
    const files = [at('a', 'b', 'w.pth'), at('c', 'b', 'w.pth'), at('c', 'd', 'w.pth'), at('c', 'other.pth')];
    expect([...byName(files)]).toEqual([
      ['a/b/w.pth', files[0]],
      ['c/b/w.pth', files[1]],
      ['d/w.pth', files[2]],
      ['other.pth', files[3]],
    ]);
  });
});
