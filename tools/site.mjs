// `npm run site`: builds the documentation site from docs, the packages' READMEs and the code. `npm run site -- <folder>` sets the output folder.
import { ensureInstalled } from './ensure-installed.mjs';

ensureInstalled();
await import('./ts.mjs');
await import('./site/main.ts');
