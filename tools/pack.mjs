// `npm run pack -- <folder>`: builds all packages and writes the archives that npm publishes into the folder; with `--here`,
// those of onnxruntime are for this machine only.
import { build } from './build.mjs';
import { ensureInstalled } from './ensure-installed.mjs';
import { buildPage } from './page.mjs';

ensureInstalled();
build('tsconfig.build.json');
await buildPage();
await import('./ts.mjs');
await import('./pack/main.ts');
