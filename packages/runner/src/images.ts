// `@farout/runner/images`: for a process that scores images and runs no experiment, so that it starts without the libraries behind one.
export { decodeImage, prepareImage } from './extraction/batch.ts';
export { checkPixels, markBytes, type ImageInput } from './extraction/read-image.ts';
export { shortestFloat32 } from './output/shortest-float32.ts';
