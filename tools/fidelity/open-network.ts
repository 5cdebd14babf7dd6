import path from 'node:path';
import { mobilenetV2, resnet50 } from '@farout/backbones';
import { readCheckpoint } from '@farout/checkpoints';
import { StateDict, type Backbone, type BackboneDefinition } from '@farout/core';
import { openOnnx } from '../../packages/runner/src/prepare/backbone.ts';
import type { Model } from './models.ts';

const definitions: Record<Model['name'], BackboneDefinition> = { 'mobilenet-v2': mobilenetV2, resnet50 };

/** Opens a network of the reference data as an experiment would. */
export async function openNetwork(data: string, { name, weights, mean, std }: Model): Promise<Backbone> {
  const params = { weights: path.join(data, 'models', weights), mean, std, resize: 256, crop: 224 };
  return definitions[name].open(params, {
    stateDict: async (file: string) => new StateDict(await readCheckpoint(file), path.basename(file)),
    onnx: openOnnx,
  });
}
