import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { FaroutError } from '@farout/core';
import { runFolder } from '../../src/output/run-path.ts';

const home = path.resolve('home');

describe('runFolder', () => {
  it('is runs/<name> in the folder of the user', () => {
    expect(runFolder(home, 'ReAct, ResNet-50 (ü)', undefined)).toBe(path.join(home, 'runs', 'ReAct, ResNet-50 (ü)'));
  });

  it('is what the user names, relative to the folder of the user', () => {
    expect(runFolder(home, 'a/b', '../elsewhere')).toBe(path.resolve(home, '../elsewhere'));
    expect(runFolder(home, 'demo', path.resolve('/tmp/here'))).toBe(path.resolve('/tmp/here'));
  });

  it.each(['a/b', '..', '.', 'a\\b', 'c:d', 'a\nb', 'what?', 'dot.', 'blank ', '', 'x'.repeat(256)])(
    'refuses to make a folder of %j',
    (name) => {
      expect(() => runFolder(home, name, undefined)).toThrow(FaroutError);
    },
  );
});
