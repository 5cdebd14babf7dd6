// `npm run api`: writes down in docs/api what the packages export that plugins import. With --check, as in `npm test`, it
// changes nothing, and fails where the reports and the packages differ.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ensureInstalled, root } from './ensure-installed.mjs';

ensureInstalled();
const compiler = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
// The reports are made of declarations; this package refers to all the others.
const { status } = spawnSync(process.execPath, [compiler, '-b', 'packages/testing'], { cwd: root, stdio: 'inherit' });
if (status !== 0) process.exit(1);
await import('./ts.mjs');
await import('./api/main.ts');
