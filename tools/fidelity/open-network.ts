import path from 'node:path';
import { mobilenetV2, resnet50 } from '@farout/backbones';
import { readCheckpoint } from '@farout/checkpoints';
import { StateDict, type BackboneDefinition, type Head } from '@farout/core';
import type { Tensor } from '@farout/tensor';
import { openOnnx } from '../../packages/runner/src/prepare/backbone.ts';
import type { Model } from './models.ts';

const definitions: Record<Model['name'], BackboneDefinition> = { 'mobilenet-v2': mobilenetV2, resnet50 };

/** A network of the reference data. */
export interface Network {
  readonly featuresOf: (image: Tensor) => Tensor;
  readonly head: Head;
}

/** Opens a network of the reference data as an experiment would. */
export async function openNetwork(data: string, { name, weights, mean, std }: Model): Promise<Network> {
  const params = { weights: path.join(data, 'models', weights), mean, std, resize: 256, crop: 224 };
  const { features, head } = await definitions[name].open(params, {
    stateDict: async (file: string) => new StateDict(await readCheckpoint(file), path.basename(file)),
    onnx: openOnnx,
  });
  return { featuresOf: features, head };
}
