export { announcedPixels, decode } from './decode.ts';
export { encodePng, writePng } from './kinds/png.ts';
export type { Pixels } from './pixels.ts';
export { prepare, recipeVersion, thumbnail } from './prepare.ts';
export { resizeAndCrop, type PixelRecipe } from './resize-and-crop.ts';
export { configureSharpForWorker, decoderVersions } from './sharp-decoder.ts';
