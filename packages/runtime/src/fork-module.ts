import { fork, type ChildProcess, type ForkOptions } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Starts a module of ours as a process. Messages are structured clones, so that typed arrays stay what they are. */
export function forkModule(module: URL, options: Pick<ForkOptions, 'env' | 'stdio'>): ChildProcess {
  const [program, ...words] = [...starter, module].map((file) => fileURLToPath(file));
  return fork(program!, words, { env: process.env, ...options, serialization: 'advanced', execArgv: [] });
}

/** A source needs what loads TypeScript; a built module needs nothing. */
const starter = import.meta.url.endsWith('.ts') ? [new URL('../../../tools/start-source.mjs', import.meta.url)] : [];
