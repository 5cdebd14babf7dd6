import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { FaroutError, printable } from '@farout/core';
import {
  callEngine,
  checkedTasks,
  dnsLabel,
  fileInPod,
  isSlurmScript,
  kubernetesManifests,
  manifestText,
  sbatchWords,
  slurmJobs,
  slurmScript,
  type Submission,
  type Wave,
} from '@farout/cluster';
import { loadExperiment, type Experiment } from '@farout/runner';
import { amount } from '../amount.ts';
import { builtIns } from '../built-ins.ts';
import { exitCodes } from '../command.ts';
import { badCommand } from '../errors.ts';
import { invocation, userFolder, word } from '../invocation.ts';
import { userPath } from '../option-values.ts';
import { ownCommand, queueOf, queues } from '../queue.ts';
import { writeOwn } from '../write-new.ts';

/** Arguments of `farout submit`. */
export interface SubmitRequest {
  readonly experiment: string;
  readonly to: string;
  readonly tasks: number;
  readonly set: readonly string[];
  readonly out?: string | undefined;
  readonly command?: string | undefined;
  readonly wave?: Wave | undefined;
  readonly image?: string | undefined;
  readonly kueue?: string | undefined;
  readonly pod?: string | undefined;
  readonly 'dry-run': boolean;
  /** Words after `--`: the engine's own options. */
  readonly '--': readonly string[];
}

/** An experiment, with the request and its submission. */
interface Loaded {
  readonly request: SubmitRequest;
  readonly experiment: Experiment;
  readonly submission: Submission;
}

type Engine = (loaded: Loaded) => Promise<void>;

const engines: Readonly<Record<string, Engine>> = { slurm: toSlurm, kubernetes: toKubernetes, bullmq: toQueue };

/**
 * `farout submit`: has an engine start tasks of an experiment on many machines, or prints what would be sent to it.
 *
 * @throws FaroutError OOD_ENGINE_ABSENT or OOD_ENGINE_FAILED if the engine does not accept them.
 */
export async function submit(request: SubmitRequest): Promise<number> {
  const engine = engineOf(request.to);
  refuseForeign(request);
  await engine(await load(request));
  return exitCodes.done;
}

function engineOf(to: string): Engine {
  const engine = /^rediss?:/.test(to) ? toQueue : Object.hasOwn(engines, to) ? engines[to] : undefined;
  if (engine) return engine;
  throw badCommand(`there is no engine "${printable(to)}"`, {
    word: to,
    title: 'Engines',
    names: Object.keys(engines),
  });
}

/** Options that only one engine accepts. */
const optionsOf = {
  wave: 'kubernetes',
  image: 'kubernetes',
  kueue: 'kubernetes',
  pod: 'kubernetes',
  out: 'slurm',
} as const;

function refuseForeign(request: SubmitRequest): void {
  for (const [option, engine] of Object.entries(optionsOf)) {
    if (request[option as keyof typeof optionsOf] !== undefined && request.to !== engine)
      throw badCommand(`--${option} works only with --to ${engine}, not with --to ${printable(request.to)}`);
  }
}

async function load(request: SubmitRequest): Promise<Loaded> {
  const { experiment: file, set, to, tasks, command, out } = request;
  const cwd = userFolder();
  const isElsewhere = to === 'kubernetes';
  const experiment = await loadExperiment({
    file,
    set,
    cwd,
    env: process.env,
    builtIns,
    // Files that a pod has may be missing on this machine.
    absentPaths: isElsewhere,
  });
  const own = isElsewhere ? ['farout'] : ownCommand;
  const submission: Submission = {
    name: experiment.name,
    file: isElsewhere ? fileInPod : experiment.file,
    tasks: checkedTasks(tasks),
    waves: ['features', 'fit', 'second'],
    command: command === undefined ? own : wordsOf(command),
    options: set.flatMap((each) => ['--set', each]),
    runOptions: out === undefined ? [] : ['--out', userPath('out', out)],
    neverRetry: exitCodes.wrongRequest,
  };
  return { request, experiment, submission };
}

function wordsOf(command: string): readonly string[] {
  const words = command.split(' ').filter((each) => each !== '');
  if (words.length > 0) return words;
  throw badCommand(
    '--command is empty',
    undefined,
    'Give the command that starts farout there: --command "apptainer exec farout.sif farout"',
  );
}

async function toSlurm({ request, submission }: Loaded): Promise<void> {
  const script = slurmScript(submission, request['--']);
  if (request['dry-run']) {
    process.stdout.write(script);
    return;
  }
  const cwd = userFolder();
  const file = `${dnsLabel(submission.name)}.sbatch`;
  await writeOwn(path.join(cwd, file), file, script, isSlurmScript).catch(adviseOnScript);
  process.stdout.write(`Wrote ${file}\n`);
  let after: string | undefined;
  for (const job of slurmJobs(submission)) {
    const printed = await callEngine('sbatch', sbatchWords(job, file, after), { cwd });
    after = printed.trim().split(';')[0]!;
    const tasks = job.tasks === undefined ? '' : `, ${job.tasks} tasks`;
    process.stdout.write(`Job ${printable(after)}: ${job.wave}${tasks}\n`);
  }
}

function adviseOnScript(error: unknown): never {
  if (!(error instanceof FaroutError)) throw error;
  const fix = 'Move it away, or submit from another folder.';
  throw new FaroutError(error.code, error.message, { fix, cause: error.cause });
}

async function toKubernetes({ request, experiment, submission }: Loaded): Promise<void> {
  const { image, kueue, pod, wave = 'features' } = request;
  if (image === undefined)
    throw badCommand(
      '--to kubernetes needs --image',
      undefined,
      'Name a container image with farout: --image registry/farout:0.1.0',
    );
  const manifests = manifestText(
    kubernetesManifests(submission, {
      wave,
      image,
      kueue,
      experiment: await readFile(experiment.file, 'utf8'),
      pod: pod === undefined ? undefined : { file: pod, text: await readPod(pod) },
    }),
  );
  if (request['dry-run']) {
    process.stdout.write(manifests);
    return;
  }
  process.stdout.write(
    await callEngine('kubectl', ['apply', ...request['--'], '-f', '-'], { cwd: userFolder(), input: manifests }),
  );
  process.stdout.write(`When the job is complete: ${nextOf[wave]}${runLine(request)}\n`);
}

/** What may come before the run: images are read again only if the experiment needs it. */
const nextOf: Readonly<Record<Wave, string>> = {
  features: 'the same with --wave fit if images must be read again after fitting, otherwise ',
  fit: 'the same with --wave second, then ',
  second: '',
};

async function readPod(pod: string): Promise<string> {
  return readFile(userPath('pod', pod), 'utf8').catch((cause: unknown) => {
    throw new FaroutError('OOD_MISSING_FILE', `${printable(pod)} cannot be read`, {
      fix: 'Name a file with --pod.',
      cause,
    });
  });
}

async function toQueue({ request, experiment, submission }: Loaded): Promise<void> {
  const replace = replaces(request['--']);
  const queue = queueOf(experiment);
  const waves = submission.waves.map((wave) => ({ wave, tasks: wave === 'fit' ? 1 : submission.tasks }));
  const hash = experiment.written!;
  if (request['dry-run']) {
    process.stdout.write(`${JSON.stringify({ queue, hash, waves }, undefined, 2)}\n`);
    return;
  }
  const { addTasks, queueAddress } = await queues();
  const counts = await addTasks({ address: queueAddress(request.to, process.env), queue, hash, waves, replace });
  process.stdout.write(
    `Queue ${queue}: ${amount(counts.waiting, 'task')} waiting, ${counts.active} active, ${counts.done} done.\n` +
      `Workers, on any machine: ${invocation} work ${words(request)} --from ${word(request.to)}\n` +
      `When all are done: ${runLine(request)}\n`,
  );
}

function replaces(given: readonly string[]): boolean {
  const unknown = given.find((each) => each !== '--replace');
  if (unknown === undefined) return given.length > 0;
  throw badCommand(
    `"${printable(unknown)}" after -- is not an option for a queue`,
    undefined,
    'A queue has one option: -- --replace',
  );
}

/** The experiment and its overrides, as shell words. */
const words = ({ experiment, set }: SubmitRequest) =>
  [experiment, ...set.flatMap((each) => ['--set', each])].map(word).join(' ');

const runLine = (request: SubmitRequest) => `${invocation} run ${words(request)}`;
