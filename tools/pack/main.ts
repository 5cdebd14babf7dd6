import path from 'node:path';
import { parseArgs } from 'node:util';
import { packAll } from './pack-all.ts';

const { positionals, values } = parseArgs({ allowPositionals: true, options: { here: { type: 'boolean' } } });
const [folder, ...rest] = positionals;
if (folder !== undefined && rest.length === 0)
  packAll(path.resolve(process.env.INIT_CWD ?? '.', folder), { here: values.here ?? false });
else {
  console.error('Name a folder: npm run pack -- <folder> [--here]');
  process.exitCode = 2;
}
