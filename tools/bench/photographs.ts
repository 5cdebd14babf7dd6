import { readdirSync } from 'node:fs';
import path from 'node:path';

/** The image recipe of the networks. */
export const recipe = { resize: 256, crop: 224 };

/** The texture photographs, JPEG files of about 500 × 375, in order. */
export function photographs(data: string): string[] {
  const root = path.join(data, 'images', 'textures');
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.jpg'))
    .sort()
    .map((file) => path.join(root, file));
}
