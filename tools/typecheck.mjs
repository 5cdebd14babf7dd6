// The types of all sources, of tests and tools, and of what `farout new` writes.
import { compile } from './build.mjs';

compile('-b', 'tsconfig.json');
compile('-p', 'tsconfig.tests.json');
compile('-p', 'packages/cli/templates');
