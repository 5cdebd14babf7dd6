import { definePlugin } from '@oodkit/core';
import { imageFolder } from './image-folder.ts';
import { imageList } from './image-list.ts';

/** The built-in datasets. */
export const datasets = definePlugin({ name: '@oodkit/datasets', datasets: [imageFolder, imageList] });
