import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { defineDataset, folderPath, FaroutError, z } from '@farout/core';

/**
 * The images of one folder, in the order of their names, with the class in the name: `3_cat.png` is of class 3. A name
 * that does not begin with a number and `_` has no class.
 *
 * @throws FaroutError OOD_DATASET_INVALID when the folder holds no .png, .jpg or .jpeg file.
 */
export const dataset = defineDataset({
  name: 'my-dataset',
  about: {
    summary: 'The images of one folder, with the class in front of their names.',
  },
  params: z.object({
    root: folderPath().describe('the folder of the images; folders in it are not looked into'),
  }),
  open: async ({ root }) => {
    const names = (await readdir(root)).filter((name) => /\.(png|jpe?g)$/i.test(name)).sort();
    if (names.length === 0) {
      throw new FaroutError('OOD_DATASET_INVALID', `no image lies in ${root}`, {
        fix: 'Name a folder with .png or .jpg files.',
      });
    }
    return {
      images: names.map((name) => {
        const label = /^(\d{1,6})_/.exec(name)?.[1];
        return { id: name, path: path.join(root, name), ...(label && { label: Number(label) }) };
      }),
    };
  },
});
