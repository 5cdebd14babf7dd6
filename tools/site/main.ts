import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildSite } from './build.ts';

const { values, positionals } = parseArgs({
  options: { gallery: { type: 'boolean', default: true } },
  allowNegative: true,
  allowPositionals: true,
});
const to = path.resolve(process.env.INIT_CWD ?? process.cwd(), positionals[0] ?? 'site');
await buildSite(to, { gallery: values.gallery });
process.stdout.write(`\n${to}: serve it with any static server, under any path.\n`);
