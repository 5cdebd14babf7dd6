// `npm run pack -- <folder>`: builds all packages and writes them into the folder as the archives that npm publishes.
import { build } from './build.mjs';
import { ensureInstalled } from './ensure-installed.mjs';

ensureInstalled();
build('tsconfig.json');
await import('./ts.mjs');
await import('./pack/main.ts');
