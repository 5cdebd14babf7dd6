import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { prepare } from '../src/prepare.ts';

const data = process.env.FAROUT_DATA ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url));
const golden = join(data, 'golden', 'preprocess');
const sources = existsSync(golden) ? readdirSync(join(golden, 'source')) : [];
const itWithData = sources.length > 0 ? it : it.skip;

describe('prepare', () => {
  itWithData('gives every golden picture the pixels that Pillow and torchvision give it', async () => {
    const differing: string[] = [];
    for (const name of sources) {
      const ours = await prepare(readFileSync(join(golden, 'source', name)), { resize: 256, crop: 224 });
      const pillow = await sharp(join(golden, 'pillow', `${name}.png`))
        .raw()
        .toBuffer();
      if (!pillow.equals(ours)) differing.push(name);
    }
    expect(differing).toEqual([]);
    expect(sources).toHaveLength(34);
  });
});
