// `npm test`: format, lint, types, exports (docs/api) and tests of all packages, two at a time and cached by Nx. The last line has the totals.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ensureInstalled, root } from './ensure-installed.mjs';

ensureInstalled();
const results = path.join(root, 'tmp', 'test-results');
// The results counted below were written, or restored from the cache, by this call.
rmSync(results, { recursive: true, force: true });

const packages = readdirSync(path.join(root, 'packages')).map((folder) => path.join('packages', folder));
const sum = { passed: 0, failed: 0, skipped: 0 };
const checks = ['format', 'lint', 'typecheck', 'api'];
// In one call, so that no core idles between checks and tests.
const allPassed = nx('run-many', '--targets=checks,test', '--parallel=2');
// Nx reports that something failed, but not what: run one by one, tasks that passed come from its cache.
for (const check of checks) sum[allPassed || nx('run', `farout-workspace:${check}`) ? 'passed' : 'failed']++;
for (const folder of ['.', ...packages]) count(nameOf(folder));
// A failure known to Nx but not shown in any result file counts too.
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

/** Adds the Jest results of a project; a project without results was stopped before it could write them. */
function count(project) {
  try {
    const found = JSON.parse(readFileSync(path.join(results, `${project}.json`), 'utf8'));
    sum.passed += found.numPassedTests;
    // A test file that cannot be loaded counts as failed, although none of its tests failed.
    sum.failed += found.numFailedTests + found.numRuntimeErrorTestSuites;
    sum.skipped += found.numPendingTests + found.numTodoTests;
  } catch {
    console.error(`${project} left no test results`);
    sum.failed++;
  }
}
