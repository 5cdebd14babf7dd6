export * from './cifar.ts';
export * from './features.ts';
export * from './image-folder.ts';
export * from './image-list.ts';
export * from './plugin.ts';
