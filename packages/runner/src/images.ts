// `@farout/runner/images`: for processes that score images without running an experiment. They start without the
// libraries an experiment needs.
export { decodeImage, prepareImage } from './extraction/batch.ts';
export { checkPixels, markBytes, type ImageInput } from './extraction/read-image.ts';
export { shortestFloat32 } from './output/shortest-float32.ts';
