// `npm run api`: records in docs/api what the packages for plugins export. With --check, as in `npm test`, it changes nothing, and
// fails if the reports differ from the packages.
import { build } from './build.mjs';
import { ensureInstalled } from './ensure-installed.mjs';

ensureInstalled();
// The reports are made from declarations; the first package refers to all the others except one.
build('packages/testing');
build('packages/linalg');
await import('./ts.mjs');
await import('./api/main.ts');
