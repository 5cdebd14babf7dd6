// Runs the packages' TypeScript sources without a build: `node --import ./tools/ts.mjs file.ts`.
import { register } from 'node:module';

process.setSourceMapsEnabled(true);
register('./ts-hooks.mjs', import.meta.url);
