// A process that runs the commands that it is sent, one after another: loading farout is paid once.
import { cli } from '../src/command-line.ts';
import type { Ended } from './spawn-cli.ts';

/** A command on its way to the process. */
export interface Command {
  readonly words: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

const streams = ['stdout', 'stderr'] as const;

/** Runs a command; what it writes is kept instead of written. */
async function perform({ words, cwd, env }: Command): Promise<Ended> {
  process.chdir(cwd);
  const before = Object.fromEntries(Object.keys(env).map((name) => [name, process.env[name]]));
  setVariables(env);
  const said = { stdout: '', stderr: '' };
  const write = streams.map((name) => process[name].write.bind(process[name]));
  for (const name of streams) process[name].write = keeping((text) => (said[name] += text));
  // As in a process of its own, which ends when nothing is left to wait for.
  process.channel!.unref();
  try {
    return { code: await cli(words), signal: null, ...said };
  } finally {
    process.channel!.ref();
    streams.forEach((name, index) => (process[name].write = write[index]!));
    setVariables(before);
  }
}

/** In the process's own environment, which native code reads too. */
function setVariables(variables: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
}

const keeping =
  (keep: (text: string) => void): typeof process.stdout.write =>
  (text, ...more: unknown[]) => {
    keep(typeof text === 'string' ? text : Buffer.from(text).toString());
    const done = more.find((each) => typeof each === 'function');
    done?.();
    return true;
  };

process.on('message', (command: Command) => void perform(command).then((ended) => process.send!(ended)));
process.on('disconnect', () => process.exit());
