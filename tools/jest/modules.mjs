// What tests import: `node --import ./tools/jest/modules.mjs node_modules/jest/bin/jest.js --rootDir packages/<name> …`. Test files run
// in Jest's own process or in one of its workers, and share imports, like programs (jest-light-runner). Jest's default, a separate
// realm per file, loads everything again and hinders the compiler's optimization of globals.
import { register } from 'node:module';
import path from 'node:path';

// A worker inherits both from the process that started it.
if (process.env.FAROUT_TESTED === undefined) {
  const { compileSources } = await import('./compile-sources.mjs');
  process.env.FAROUT_COMPILED = await compileSources();
  process.env.FAROUT_TESTED = path.basename(process.argv[process.argv.indexOf('--rootDir') + 1]);
}
if (process.env.TINYPOOL_WORKER_ID !== undefined && process.send) await import('./keep-worker-data.mjs');
process.setSourceMapsEnabled(true);
register('./module-hooks.mjs', import.meta.url);
