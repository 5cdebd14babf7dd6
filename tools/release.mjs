// `npm run release`: packs all packages as the next version, checks them, installs them elsewhere and runs the demonstration
// there. It changes nothing. With --publish, which only the workflow "release" may use, it then publishes them.
import { build } from './build.mjs';
import { ensureInstalled } from './ensure-installed.mjs';
import { buildPage } from './page.mjs';

ensureInstalled();
build('tsconfig.build.json');
await buildPage();
await import('./ts.mjs');
await import('./release/main.ts');
