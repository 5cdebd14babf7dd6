// `npm run rooms`: how the sources are cut into files and functions, in figures.
import { ensureInstalled } from './ensure-installed.mjs';

ensureInstalled();
await import('./ts.mjs');
await import('./rooms/main.ts');
