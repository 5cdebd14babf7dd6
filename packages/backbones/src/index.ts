import { definePlugin } from '@farout/core';
import { features } from './features.ts';
import { mobilenetV2 } from './mobilenet-v2.ts';
import { mobilenetV2V2 } from './mobilenet-v2-v2.ts';
import { onnx } from './onnx.ts';
import { resnet18 } from './resnet18.ts';
import { resnet18Cifar } from './resnet18-cifar.ts';
import { resnet50 } from './resnet50.ts';
import { resnet50V2 } from './resnet50-v2.ts';

export { features, mobilenetV2, mobilenetV2V2, onnx, resnet18, resnet18Cifar, resnet50, resnet50V2 };

/** The built-in backbones. */
export const backbones = definePlugin({
  name: '@farout/backbones',
  backbones: [resnet50, resnet50V2, resnet18, mobilenetV2, mobilenetV2V2, resnet18Cifar, onnx, features],
  manifests: new URL('..', import.meta.url),
});
