// `npm run rooms`: prints statistics on the sizes of files and functions.
import { ensureInstalled } from './ensure-installed.mjs';

ensureInstalled();
await import('./ts.mjs');
await import('./rooms/main.ts');
