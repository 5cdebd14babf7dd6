// `npm run outside`: packs everything, installs it into empty folders as users would, and runs the example plugins there.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './ensure-installed.mjs';

ensureInstalled();
const loader = new URL('ts.mjs', import.meta.url).href;
const tests = fileURLToPath(new URL('outside/outside-plugins.test.ts', import.meta.url));
const { status } = spawnSync(process.execPath, ['--import', loader, '--test', '--test-reporter=spec', tests], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
