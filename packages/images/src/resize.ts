// `@farout/images/resize`: from pixels to the input of a network, without a decoder and without Node, so that it works in browsers.
export { maxPixels, type Pixels, type Size } from './pixels.ts';
export { resizeAndCrop, resizedSize, type PixelRecipe } from './resize-and-crop.ts';
