// Checks the types of all sources, tests and tools, and of the files that `farout new` writes.
import { compile } from './build.mjs';

compile('-b', 'tsconfig.build.json');
compile('-p', 'tsconfig.json');
compile('-p', 'packages/cli/templates');
