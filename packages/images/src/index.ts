export * from './configure-sharp-for-worker.ts';
export * from './decode.ts';
export * from './decoder-versions.ts';
export * from './encode-png.ts';
export * from './pixels.ts';
export * from './prepare.ts';
export * from './recipe-version.ts';
export * from './resize-and-crop.ts';
