export * from './cifar.ts';
export * from './features.ts';
export * from './image-folder.ts';
export * from './image-list.ts';
export * from './mnist.ts';
export * from './plugin.ts';
export * from './svhn.ts';
export * from './tar.ts';
