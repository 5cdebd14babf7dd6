// `npm run pack -- <folder>`: builds all packages and writes them into the folder as the archives that npm publishes; with `--here`
// those of onnxruntime are for this machine alone.
import { build } from './build.mjs';
import { ensureInstalled } from './ensure-installed.mjs';
import { buildPage } from './page.mjs';

ensureInstalled();
build('tsconfig.build.json');
await buildPage();
await import('./ts.mjs');
await import('./pack/main.ts');
