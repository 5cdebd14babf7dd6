export { demo, demo as default } from './demo.ts';
export { demoWeights } from './demo-resnet.ts';
export { captionOf, imageSets, renderImage, type ImageCaption, type ImageSetName } from './image-sets.ts';
export type { ImageSet } from './image-sets.ts';
