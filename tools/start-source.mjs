// Starts a TypeScript source of a package as a process: `node tools/start-source.mjs <file> [words]`. Where tests have compiled
// the packages (tools/jest/compile-sources.mjs) it takes that, since the loader takes longer than most of what is started.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
// What is started finds itself and its words where it always does.
process.argv.splice(1, 1);
const source = path.resolve(process.argv[1]);
const compiled = path.join(process.env.FAROUT_COMPILED ?? '', path.relative(root, source).replace(/ts$/, 'js'));
const isCompiled = process.env.FAROUT_COMPILED !== undefined && existsSync(compiled);
if (!isCompiled) await import('./ts.mjs');
await import(pathToFileURL(isCompiled ? compiled : source).href);
