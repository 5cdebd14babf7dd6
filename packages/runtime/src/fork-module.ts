import { fork, type ChildProcess, type ForkOptions } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** From sources a process needs the TypeScript loader; a built one needs nothing. */
const execArgv = import.meta.url.endsWith('.ts')
  ? ['--import', new URL('../../../tools/ts.mjs', import.meta.url).href]
  : [];

/** Starts a module of ours as a process. Messages are structured clones, so that typed arrays stay what they are. */
export const forkModule = (module: URL, options: Pick<ForkOptions, 'env' | 'stdio'>): ChildProcess =>
  fork(fileURLToPath(module), [], { env: process.env, ...options, serialization: 'advanced', execArgv });
