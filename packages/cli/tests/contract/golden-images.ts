// The images of the reference numbers, out of the one file in which they come, as a dataset of a plugin.
import { readFile } from 'node:fs/promises';
import { defineDataset, definePlugin, filePath, z } from '@farout/core';
import { encodePng } from '@farout/images';

const side = 64;
const bytes = side * side * 3;

const npyImages = defineDataset({
  name: 'npy-images',
  params: z.object({
    file: filePath().describe('a .npy file, uint8 (N, 64, 64, 3)'),
    first: z.int().min(0),
    end: z.int().min(0),
  }),
  open: async ({ file, first, end }) => {
    const content = await readFile(file);
    const start = 10 + content.readUInt16LE(8);
    return {
      images: Array.from({ length: end - first }, (_, at) => {
        const offset = start + (first + at) * bytes;
        const data = content.subarray(offset, offset + bytes);
        return {
          id: String(first + at).padStart(4, '0'),
          version: `npy-images ${file} ${first + at}`,
          read: () => Promise.resolve(encodePng({ width: side, height: side, data })),
        };
      }),
    };
  },
});

export default definePlugin({ name: 'golden-images', datasets: [npyImages] });
