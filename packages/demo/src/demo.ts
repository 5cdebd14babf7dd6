import { definePlugin } from '@farout/core';
import { demoImages } from './demo-images.ts';
import { demoResnet } from './demo-resnet.ts';

/** The embedded demonstration: a small trained network and rendered images to try detectors on. */
export const demo = definePlugin({ name: '@farout/demo', backbones: [demoResnet], datasets: [demoImages] });
