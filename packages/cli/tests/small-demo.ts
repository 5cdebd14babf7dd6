import { fileURLToPath } from 'node:url';

/** The demonstration's file. */
export const demo = fileURLToPath(new URL('../../../configs/demo.yaml', import.meta.url));

/** Overrides that leave the demonstration few images, two OOD sets and a store in the folder where it is run. */
export const fewImages = (images: number, store = 'store'): string[] => [
  `store=${store}`,
  'ood=[noise, textures]',
  ...['objects', 'validation', 'noise', 'textures'].map((set) => `datasets.${set}.demo-images.count=${images}`),
];

/** The same as words of a command line. */
export const setting = (overrides: readonly string[]): string[] => overrides.flatMap((override) => ['--set', override]);
