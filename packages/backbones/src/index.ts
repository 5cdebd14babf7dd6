import { definePlugin } from '@farout/core';
import { mobilenetV2 } from './mobilenet-v2.ts';
import { onnx } from './onnx.ts';
import { resnet50 } from './resnet50.ts';

export { mobilenetV2, onnx, resnet50 };

/** The built-in backbones. */
export const backbones = definePlugin({ name: '@farout/backbones', backbones: [resnet50, mobilenetV2, onnx] });
