// `npm run bench`: installs what is missing, then measures speed and memory as ratios. It names its parts.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './ensure-installed.mjs';

ensureInstalled();
const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const { status } = spawnSync(
  process.execPath,
  ['--import', new URL('ts.mjs', import.meta.url).href, here('bench/main.ts'), ...process.argv.slice(2)],
  {
    stdio: 'inherit',
  },
);
process.exitCode = status ?? 1;
