import { readFile } from 'node:fs/promises';
import { demo, demoWeights } from '@farout/demo';
import type { NewPart, PackageFiles } from './new-package.ts';

/** What a part needs beside its code to be tried: weights for a backbone, images for a dataset. */
export async function sampleFiles({ kind, name }: NewPart): Promise<PackageFiles> {
  if (kind === 'backbone') return { [`weights/${name}.pth`]: await readFile(demoWeights) };
  return kind === 'dataset' ? await images() : {};
}

/** One image of each class of the demonstration's network, called as the dataset's template reads names. */
async function images(): Promise<PackageFiles> {
  const [drawn] = demo.datasets!;
  const { images } = await drawn!.open(drawn!.params.parse({ set: 'objects', count: 12, seed: 3 }));
  const files: Record<string, Uint8Array> = {};
  for (const image of images) {
    if (!('read' in image)) continue;
    const shape = image.id.replace(/^\d+-/, '');
    files[`images/${String(image.label).padStart(2, '0')}_${shape}.png`] = await image.read();
  }
  return files;
}
