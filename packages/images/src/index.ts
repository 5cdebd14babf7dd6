export { announcedPixels, decode } from './decode.ts';
export { limitPixels } from './image-kind.ts';
export { encodePng, writePng } from './kinds/png.ts';
export { nearbyBits, perceptualBits, perceptualHash, perceptualWords } from './perceptual-hash.ts';
export type { Pixels } from './pixels.ts';
export { decodePixels, prepare, recipeKey, recipeVersion, thumbnail } from './prepare.ts';
export { centerWindow, pixelRecipe, resizeAndCrop, type PixelRecipe } from './resize-and-crop.ts';
export { configureSharpForWorker, decoderVersions } from './sharp-decoder.ts';
