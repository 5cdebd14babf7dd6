import path from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { compareReport } from './compare-report.ts';

const inRepository = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url));
/** The packages that plugins import. */
const packages = ['tensor', 'onnx', 'linalg', 'core', 'testing'];

const { check } = parseArgs({ options: { check: { type: 'boolean', default: false } } }).values;
const options = { folder: inRepository('docs/api'), temporary: inRepository('tmp/api'), replace: !check };
const changed = packages
  .map((name) => ({ name, ...compareReport(inRepository(path.join('packages', name)), options) }))
  .filter(({ changed }) => changed);
for (const { name, file, patch } of changed)
  console.log(check ? `docs/api/${file} does not match @farout/${name}:\n\n${patch}` : `docs/api/${file} is updated.`);

if (changed.length === 0) console.log('The reports in docs/api match the exports of the packages.');
else if (check) {
  console.error(
    'The exports for plugins have changed. If that is intended, update the reports with `npm run api`, commit them with',
  );
  console.error('the change, and see docs/versions.md for the effect on the version.');
  process.exitCode = 1;
}
