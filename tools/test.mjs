// `npm test`: format, lint, types, exports (docs/api) and tests of all packages, two at a time and cached by Nx; the last line sums them up.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ensureInstalled, root } from './ensure-installed.mjs';

ensureInstalled();
const results = path.join(root, 'tmp', 'test-results');
// What is counted below was written, or brought back from the cache, by this very call.
rmSync(results, { recursive: true, force: true });

const packages = readdirSync(path.join(root, 'packages')).map((folder) => path.join('packages', folder));
const sum = { passed: 0, failed: 0, skipped: 0 };
const checks = ['format', 'lint', 'typecheck', 'api'];
// In one go, so that no core waits for the last of the checks or of the tests.
const allPassed = nx('run-many', '--targets=checks,test', '--parallel=2');
// Nx tells that something failed, but not what: asked one by one, those that passed answer from its cache.
for (const check of checks) sum[allPassed || nx('run', `farout-workspace:${check}`) ? 'passed' : 'failed']++;
for (const folder of ['.', ...packages]) count(nameOf(folder));
// Should Nx know of a failure that no result file shows, it counts too.
if (!allPassed && sum.failed === 0) sum.failed++;

const { passed, failed, skipped } = sum;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;

function nx(...words) {
  const env = { ...process.env, NX_ISOLATE_PLUGINS: 'false', NX_DAEMON: 'false' };
  const bin = path.join(root, 'node_modules', 'nx', 'dist', 'bin', 'nx.js');
  return (
    spawnSync(process.execPath, [bin, ...words, '--outputStyle=stream'], { cwd: root, env, stdio: 'inherit' })
      .status === 0
  );
}

function nameOf(folder) {
  return JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8')).name;
}

/** Adds a project's Jest results; a project without any was stopped before it could write them. */
function count(project) {
  try {
    const found = JSON.parse(readFileSync(path.join(results, `${project}.json`), 'utf8'));
    sum.passed += found.numPassedTests;
    // A file that cannot be loaded has failed, though none of its tests has.
    sum.failed += found.numFailedTests + found.numRuntimeErrorTestSuites;
    sum.skipped += found.numPendingTests + found.numTodoTests;
  } catch {
    console.error(`${project} left no test results`);
    sum.failed++;
  }
}
