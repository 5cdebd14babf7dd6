import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { userPath } from '../src/option-values.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'farout-user-'));
const { INIT_CWD } = process.env;
beforeAll(() => {
  process.env.INIT_CWD = folder;
});
afterAll(() => {
  if (INIT_CWD === undefined) delete process.env.INIT_CWD;
  else process.env.INIT_CWD = INIT_CWD;
  rmSync(folder, { recursive: true });
});

describe('userPath', () => {
  it.each(['runs/a', '../b', '~backup', 'a~', 'us$', '$5', 'price$list', '.'])('takes %s as it is', (given) => {
    expect(userPath('out', given)).toBe(path.resolve(folder, given));
  });

  it.each([
    ['~', '~'],
    ['~/runs', '~'],
    ['$HOME/runs', '$HOME'],
    ['${HOME}', '${HOME}'],
    ['runs/${NAME}/x', '${NAME}'],
  ])('refuses to make a folder of what the shell has not replaced: %s', (given, unreplaced) => {
    expect(() => userPath('out', given)).toThrow(
      `--out would create "${unreplaced}" literally: the shell has not expanded it`,
    );
  });

  it('takes such a folder where it is there', () => {
    mkdirSync(path.join(folder, '${HOME}'));
    expect(userPath('out', '${HOME}')).toBe(path.join(folder, '${HOME}'));
  });
});
