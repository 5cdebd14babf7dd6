// `@farout/images/resize`: from pixels to what a network takes, without a decoder and without Node, so that browsers have it too.
export { maxPixels, type Pixels, type Size } from './pixels.ts';
export { resizeAndCrop, resizedSize, type PixelRecipe } from './resize-and-crop.ts';
