import { definePlugin } from '@oodkit/core';
import { mobilenetV2 } from './mobilenet-v2.ts';
import { resnet50 } from './resnet50.ts';

export { mobilenetV2, resnet50 };

/** The built-in backbones. */
export const backbones = definePlugin({ name: '@oodkit/backbones', backbones: [resnet50, mobilenetV2] });
