// Starts a TypeScript source of a package as a process: `node tools/start-source.mjs <file> [words]`. If tests have compiled
// the packages (tools/jest/compile-sources.mjs), it starts the compiled file, because the loader takes longer than most programs.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
// The program sees the same process.argv as when started directly.
process.argv.splice(1, 1);
const source = path.resolve(process.argv[1]);
const compiled = path.join(process.env.FAROUT_COMPILED ?? '', path.relative(root, source).replace(/ts$/, 'js'));
const isCompiled = process.env.FAROUT_COMPILED !== undefined && existsSync(compiled);
if (!isCompiled) await import('./ts.mjs');
await import(pathToFileURL(isCompiled ? compiled : source).href);
