// `npm run jest -- <package> [<words for Jest>] [--watch]`: the tests of one package, or of `tools`; a word selects the files
// whose path contains it. With --watch they run again whenever a file of the package changes.
import { spawn } from 'node:child_process';
import { existsSync, watch } from 'node:fs';
import path from 'node:path';
import { ensureInstalled, root } from './ensure-installed.mjs';

const [name, ...words] = process.argv.slice(2);
const folder = name === 'tools' ? name : `packages/${name}`;
if (name === undefined || !existsSync(path.join(root, folder))) {
  console.error('Name a package: npm run jest -- <package> [<word of the path>] [--watch]');
  process.exit(2);
}
ensureInstalled();

/** Runs the tests once; `done` gets the exit code. */
function test(done) {
  const jest = ['--import', './tools/jest/modules.mjs', 'node_modules/jest/bin/jest.js'];
  const which = ['--config', 'tools/jest/jest.config.mjs', '--rootDir', folder];
  const chosen = words.filter((word) => word !== '--watch');
  spawn(process.execPath, [...jest, ...which, ...chosen], { cwd: root, stdio: 'inherit' }).on('exit', done);
}

/** Runs the tests again after a change, once for all files written together by an editor. */
function testOnChange() {
  let [isRunning, hasChanged] = [false, true];
  const go = () => {
    if (isRunning || !hasChanged) return;
    [isRunning, hasChanged] = [true, false];
    test(() => {
      isRunning = false;
      go();
    });
  };
  watch(path.join(root, folder), { recursive: true }, (_, file) => {
    if (!/\.(ts|mjs|js|json|yaml|py)$/.test(file ?? '') || /(^|[\\/])(dist|node_modules)[\\/]/.test(file)) return;
    hasChanged = true;
    setTimeout(go, 100);
  });
  go();
}

if (words.includes('--watch')) testOnChange();
else test((code) => (process.exitCode = code ?? 1));
