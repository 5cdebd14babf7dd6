// `npm run api`: writes down in docs/api what the packages export that plugins import. With --check, as in `npm test`, it
// changes nothing, and fails where the reports and the packages differ.
import { build } from './build.mjs';
import { ensureInstalled } from './ensure-installed.mjs';

ensureInstalled();
// The reports are made of declarations; the first package refers to all the others but one.
build('packages/testing');
build('packages/linalg');
await import('./ts.mjs');
await import('./api/main.ts');
