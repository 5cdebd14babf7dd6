import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { compareModes } from './compare-modes.ts';
import { pythonWithPillow } from './pillow.ts';

const data = process.env.FAROUT_DATA ?? fileURLToPath(new URL('../../../../../shared/data', import.meta.url));
const source = path.join(data, 'golden', 'preprocess', 'source');
const itWithPillow = existsSync(source) && pythonWithPillow ? it : it.skip;

describe('modes of the resize', () => {
  itWithPillow('give every golden picture the pixels that Pillow gives it, to the last bit', async () => {
    expect(await compareModes(source)).toEqual({ made: 34 * 5, differing: [] });
  });
});
