export { demo, demo as default } from './demo.ts';
export { demoWeights } from './demo-weights.ts';
export { imageSets, type ImageSetName } from './image-sets.ts';
export { captionOf, renderImage, type ImageCaption } from './render-image.ts';
export type { ImageSet } from './sets/image-set.ts';
