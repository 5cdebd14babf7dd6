import { fileURLToPath } from 'node:url';

/** The checkpoint that comes with this package, an absolute path; beside `src` as well as beside `dist`. */
export const demoWeights = fileURLToPath(new URL('../weights/demo-resnet.pth', import.meta.url));
