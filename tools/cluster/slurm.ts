import { strict as assert } from 'node:assert';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { farout, type Finished } from '../farout-process.ts';
import { scoresOfOneMachine, secondsSince, writeExperiment } from './experiment.ts';
import type { Needs } from './needs.ts';
import { SlurmMachine } from './slurm-machine.ts';

export const needs: Needs = {
  programs: ['slurmctld', 'slurmd', 'sbatch', 'munged', 'unshare'],
  debian: ['slurm-wlm', 'slurmctld', 'slurmd', 'slurm-client', 'munge'],
  root: true,
};

/**
 * Real Slurm on three nodes: runs an experiment in five tasks and kills a node with its current tasks. The result must equal that of a single machine,
 * and the last job must read no images. Names of experiments and options must never be executed.
 */
export async function slurm(): Promise<void> {
  const begin = performance.now();
  const machine = new SlurmMachine();
  try {
    await machine.start();
    console.log(`slurm: three nodes are idle after ${secondsSince(begin)}`);
    await optionsArrive(machine);
    await namesAreHarmless(machine);
    await losesANode(machine);
  } finally {
    await machine.stop();
  }
}

const submit = (machine: SlurmMachine, experiment: string, words: readonly string[]): Promise<Finished> =>
  farout(['submit', experiment, '--to', 'slurm', ...words], { env: { ...machine.env, INIT_CWD: machine.folder } });

/** The ids of the submitted jobs, in order. */
const jobsOf = ({ code, stdout, stderr }: Finished): readonly string[] => {
  assert.equal(code, 0, stderr);
  return [...stdout.matchAll(/^Job (\d+): /gm)].map(([, id]) => id!);
};

/** Whether nothing waits and nothing runs. */
const isIdle = async (machine: SlurmMachine) => (await machine.call('squeue', ['-h'])).trim() === '';

/** Fields of a job and the tasks of its array; default: the `JobState` of each. */
async function fieldsOf(machine: SlurmMachine, job: string, field = 'JobState'): Promise<string[]> {
  const shown = await machine.call('scontrol', ['show', 'job', job]);
  return [...shown.matchAll(new RegExp(`\\b${field}=(\\S+)`, 'g'))].map(([, value]) => value!);
}

/** An option of sbatch with every special character. */
async function optionsArrive(machine: SlurmMachine): Promise<void> {
  const comment = String.raw`"a" 'b' #c \d $(touch x) ;e & ü`;
  const experiment = writeExperiment(machine.folder, 'options');
  const words = ['--tasks', '1', '--command', '/bin/true', '--', `--comment=${comment}`];
  const [job] = jobsOf(await submit(machine, experiment, words));
  const shown = await machine.call('scontrol', ['show', 'job', job!]);
  assert.equal(/Comment=(.*)/.exec(shown)?.[1]?.trim(), comment, shown);
  await machine.until('jobs that do nothing', () => isIdle(machine));
  console.log('slurm: an option of sbatch arrives unchanged');
}

/** Names of experiments and files, and overrides, that would create a file if a shell evaluated them. */
async function namesAreHarmless(machine: SlurmMachine): Promise<void> {
  const stub = path.join(machine.folder, 'says-its-words');
  writeFileSync(stub, `#!/bin/bash\nprintf '%s\\0' "$@" >> "$0.said"\n`);
  chmodSync(stub, 0o755);
  const names = ["'; touch x; '", '$(touch x)', '`touch x`'];
  const set = 'store="; touch x; "';
  for (const name of names) {
    writeFileSync(`${stub}.said`, '');
    const experiment = writeExperiment(machine.folder, name, path.join(machine.folder, '"; touch x; ".yaml'));
    const jobs = jobsOf(await submit(machine, experiment, ['--tasks', '1', '--command', stub, '--set', set]));
    await machine.until('jobs that do nothing', () => isIdle(machine));
    for (const job of jobs) assert.deepEqual(await fieldsOf(machine, job), ['COMPLETED']);
    const said = readFileSync(`${stub}.said`, 'utf8').split('\0');
    for (const word of [experiment, set]) assert.equal(said.filter((each) => each === word).length, 4, name);
  }
  assert.ok(!existsSync(path.join(machine.folder, 'x')), 'a name was executed');
  console.log(`slurm: ${names.length} malicious names, a file and an override are executed nowhere`);
}

async function losesANode(machine: SlurmMachine): Promise<void> {
  const { folder } = machine;
  const experiment = writeExperiment(folder, 'imagenet');
  const expected = await scoresOfOneMachine(experiment, folder);
  const begin = performance.now();
  const out = path.join(folder, 'out');
  const words = [
    '--tasks',
    '8',
    '--out',
    out,
    '--set',
    `store=${path.join(folder, 'store')}`,
    '--',
    '--cpus-per-task=2',
  ];
  const jobs = jobsOf(await submit(machine, experiment, words));
  await machine.until('a task on n2', async () => (await tasksOn(machine, 'n2')).length > 0 && hasShards(folder));
  const lost = await tasksOn(machine, 'n2');
  await machine.killNode('n2');
  await machine.until('a requeued task', async () => (await fieldsOf(machine, jobs[0]!, 'Restarts')).includes('1'));
  machine.startNode('n2');
  console.log(`slurm: task ${lost.join(', ')} was lost with its node and requeued after ${secondsSince(begin)}`);
  await machine.until('the last job', () => isIdle(machine));
  for (const job of jobs) {
    const states = await fieldsOf(machine, job);
    assert.ok(states.length > 0 && states.every((state) => state === 'COMPLETED'), `${job}: ${states.join(', ')}`);
  }
  assert.ok(readFileSync(path.join(out, 'scores.csv')).equals(expected), 'the scores differ from those of one machine');
  const log = readFileSync(path.join(folder, `slurm-${jobs.at(-1)!}.out`), 'utf8');
  assert.ok(!log.includes('images/s'), `the last job read images:\n${log}`);
  console.log(`slurm: scores.csv equals that of one machine; the last job read no images (${secondsSince(begin)})`);
}

/** The tasks running on a node, such as `3_1`. */
const tasksOn = async (machine: SlurmMachine, node: string): Promise<string[]> =>
  (await machine.call('squeue', ['-h', '-t', 'R', '-w', node, '-o', '%i'])).split('\n').filter((id) => id !== '');

const hasShards = (folder: string): boolean => {
  const readings = path.join(folder, 'store', 'readings');
  return (
    existsSync(readings) && readdirSync(readings, { recursive: true }).some((file) => String(file).endsWith('.npy'))
  );
};
