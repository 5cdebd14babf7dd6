// The types of all sources, of tests and tools, and of what `farout new` writes.
import { compile } from './build.mjs';

compile('-b', 'tsconfig.build.json');
compile('-p', 'tsconfig.json');
compile('-p', 'packages/cli/templates');
