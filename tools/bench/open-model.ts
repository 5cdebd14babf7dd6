import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mobilenetV2, resnet50 } from '@farout/backbones';
import { readCheckpoint } from '@farout/checkpoints';
import { StateDict, type Head, type ImageAccess } from '@farout/core';
import { featureGraph, imageAccess, openOnnx } from './runner.ts';
import { recipe } from './photographs.ts';

const networks = {
  'mobilenet-v2': { definition: mobilenetV2, weights: 'mobilenet_v2-coral.pth' },
  resnet50: { definition: resnet50, weights: 'resnet50-ktb.pth' },
};

/** A measured network. */
export type NetworkName = keyof typeof networks;
export const networkNames = Object.keys(networks) as NetworkName[];

/** Opens a network and returns what its graphs are traced from. */
export async function openImages(data: string, name: NetworkName): Promise<{ images: ImageAccess; head: Head }> {
  const { definition, weights } = networks[name];
  const params = definition.params.parse({ weights: path.join(data, 'models', weights), ...recipe }) as never;
  const stateDict = async (file: string) => new StateDict(await readCheckpoint(file), path.basename(file));
  const backbone = await definition.open(params, { stateDict, onnx: openOnnx });
  return { images: imageAccess(backbone, params), head: backbone.head };
}

/** Writes the feature graph of a network into a new temporary folder; returns both paths. */
export async function openModel(data: string, name: NetworkName): Promise<{ model: string; folder: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'farout-bench-'));
  const model = path.join(folder, 'features.onnx');
  await writeFile(model, featureGraph((await openImages(data, name)).images));
  return { model, folder };
}
