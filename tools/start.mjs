// `npm start`: runs farout from its sources. The words after `npm start --` are its arguments; without any, it runs the
// demonstration. It runs in this process, so signals and exit codes need no forwarding.
import { fileURLToPath } from 'node:url';
import { ensureInstalled, root } from './ensure-installed.mjs';

ensureInstalled();
// The page of `farout export --page` is bundled only if it is requested.
if (process.argv.some((word) => /^--page(=|$)/.test(word))) await (await import('./page.mjs')).buildPage();
process.env.FAROUT_CLONE = root;
await import('./ts.mjs');

const main = new URL('../packages/cli/src/main.ts', import.meta.url);
const demonstration = ['run', fileURLToPath(new URL('../configs/demo.yaml', import.meta.url))];
const words = process.argv.slice(2);
process.argv = [process.execPath, fileURLToPath(main), ...(words.length > 0 ? words : demonstration)];
await import(main);
