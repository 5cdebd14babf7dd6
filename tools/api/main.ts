import path from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { compareReport } from './compare-report.ts';

const inRepository = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url));
/** What plugins import. */
const packages = ['tensor', 'onnx', 'linalg', 'core', 'testing'];

const { check } = parseArgs({ options: { check: { type: 'boolean', default: false } } }).values;
const options = { folder: inRepository('docs/api'), temporary: inRepository('tmp/api'), replace: !check };
const changed = packages
  .map((name) => ({ name, ...compareReport(inRepository(path.join('packages', name)), options) }))
  .filter(({ changed }) => changed);
for (const { name, file, patch } of changed)
  console.log(
    check ? `docs/api/${file} is not what @farout/${name} exports:\n\n${patch}` : `docs/api/${file} is updated.`,
  );

if (changed.length === 0) console.log('The reports in docs/api are what the packages export.');
else if (check) {
  console.error(
    'What plugins can import has changed. If it was meant to, `npm run api` writes the reports: commit them with',
  );
  console.error('the change, and see docs/versions.md for what it does to the version.');
  process.exitCode = 1;
}
