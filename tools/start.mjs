// `npm start`: runs farout from its sources. The words after `npm start --` are its own; without any it runs the
// demonstration. In this process and not in another one, so that signals and exit codes need no passing on.
import { fileURLToPath } from 'node:url';
import { ensureInstalled, root } from './ensure-installed.mjs';

ensureInstalled();
// What `farout export --page` writes is bundled where it is asked for.
if (process.argv.some((word) => /^--page(=|$)/.test(word))) await (await import('./page.mjs')).buildPage();
process.env.FAROUT_CLONE = root;
await import('./ts.mjs');

const main = new URL('../packages/cli/src/main.ts', import.meta.url);
const demonstration = ['run', fileURLToPath(new URL('../configs/demo.yaml', import.meta.url))];
const words = process.argv.slice(2);
process.argv = [process.execPath, fileURLToPath(main), ...(words.length > 0 ? words : demonstration)];
await import(main);
