import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, it } from '@jest/globals';
import { bashWord, isSlurmScript, sbatchWords, slurmJobs, slurmScript, type Submission } from '../src/index.ts';
import { hostile, submission } from './submission.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'farout-slurm-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => path.join(folder, name);

/** A program of a cluster that writes down how many words it got and which, and then does as it is told. */
function stub(name: string, then = 'exit 0'): void {
  writeFileSync(at(name), `#!/bin/bash\nprintf '%s\\0' $# "$@" >> '${at(`${name}.said`)}'\n${then}\n`);
  chmodSync(at(name), 0o755);
}

/** The words of each call of a stub since the last time. */
function said(name: string): string[][] {
  if (!existsSync(at(`${name}.said`))) return [];
  const words = readFileSync(at(`${name}.said`), 'utf8')
    .split('\0')
    .slice(0, -1);
  rmSync(at(`${name}.said`));
  const calls: string[][] = [];
  while (words.length > 0) calls.push(words.splice(0, 1 + Number(words[0])).slice(1));
  return calls;
}

const env = { PATH: `${folder}:${process.env.PATH ?? ''}`, SLURM_JOB_ID: '9' };
const inArray = { ...env, SLURM_ARRAY_JOB_ID: '7', SLURM_ARRAY_TASK_ID: '3', SLURM_ARRAY_TASK_COUNT: '2' };

/** Runs a job of a submission as Slurm does. */
function job(wave: string, given: Partial<Submission> = {}, variables: Record<string, string> = inArray) {
  writeFileSync(at('job'), slurmScript({ ...submission, ...given }, []));
  return spawnSync('bash', [at('job'), wave], { env: variables, cwd: folder, encoding: 'utf8' });
}

/** An executable that lives until it is told to stop, and says so by its exit code. */
const untilTold = `trap 'echo told >> '${at('told')}'; exit 143' TERM\ntouch '${at('begun')}'\nwhile :; do sleep 0.02; done`;

/** Runs the first task and sends its script a signal. */
async function signalled(signal: NodeJS.Signals) {
  for (const name of ['told', 'begun']) rmSync(at(name), { force: true });
  stub('farout', untilTold);
  stub('scontrol', 'kill $PPID');
  writeFileSync(at('job'), slurmScript(submission, []));
  const script = spawn('bash', [at('job'), 'features'], { env: inArray, cwd: folder, stdio: 'ignore' });
  while (!existsSync(at('begun'))) await setTimeout(10);
  script.kill(signal);
  const [code] = (await once(script, 'exit')) as [number | null];
  said('farout');
  return { code, told: existsSync(at('told')), requeued: said('scontrol') };
}

describe('a batch script', () => {
  it('is what a user of Slurm would write', () => {
    expect(slurmScript(submission, ['--partition=gpu', '-t', '2:00:00'])).toBe(
      readFileSync(new URL('expected/demo.sbatch', import.meta.url), 'utf8'),
    );
  });

  it('is known again as one that farout wrote', () => {
    expect(isSlurmScript(slurmScript(submission, []))).toBe(true);
    expect(isSlurmScript('#!/bin/bash\n#SBATCH --array=0-3\n')).toBe(false);
  });

  it('is submitted once for each wave, each after the one before it', () => {
    const jobs = slurmJobs(submission);
    expect(sbatchWords(jobs[0]!, 'demo.sbatch', undefined)).toEqual([
      '--parsable',
      '--array=0-3',
      'demo.sbatch',
      'features',
    ]);
    expect(sbatchWords(jobs[1]!, 'demo.sbatch', '7')).toEqual([
      '--parsable',
      '--dependency=afterok:7',
      '--kill-on-invalid-dep=yes',
      'demo.sbatch',
      'fit',
    ]);
    expect(jobs.map(({ wave, tasks }) => [wave, tasks])).toEqual([
      ['features', 4],
      ['fit', undefined],
      ['second', 4],
      ['run', undefined],
    ]);
  });

  it('gives each task its number among all tasks, not among those of the array', () => {
    stub('farout');
    expect(job('features').status).toBe(0);
    expect(said('farout')).toEqual([
      ['work', '/home/me/demo.yaml', '--task', '3/4', '--wave', 'features', '--set', 'seed=1'],
    ]);
  });

  it('makes one task of a fit, and of the run what it is asked to write', () => {
    stub('farout');
    job('fit', {}, env);
    job('run', {}, env);
    expect(said('farout')).toEqual([
      ['work', '/home/me/demo.yaml', '--task', '0/1', '--wave', 'fit', '--set', 'seed=1'],
      ['run', '/home/me/demo.yaml', '--out', '/home/me/runs/demo', '--set', 'seed=1'],
    ]);
  });

  it('asks for a wave where none is named', () => {
    const { status, stderr } = job('');
    expect([status, stderr]).toEqual([2, `Name a wave: sbatch ${at('job')} features | fit | second | run\n`]);
  });

  it.each(hostile)('takes names, paths and options for nothing but what they are: %j', (text) => {
    stub('farout');
    const given = { name: text, file: text, options: ['--set', text], runOptions: ['--out', text] };
    expect(job('run', given)).toMatchObject({ status: 0, stderr: '' });
    expect(said('farout')).toEqual([['run', text, '--out', text, '--set', text]]);
    expect(existsSync(at('x'))).toBe(false);
  });

  it.each(hostile)('has no line for Slurm that a name brought: %j', (name) => {
    const directives = (script: string) => script.split('\n').filter((line) => line.startsWith('#SBATCH'));
    const [title, ...others] = directives(slurmScript({ ...submission, name }, []));
    expect(title).toMatch(/^#SBATCH --job-name=[a-z0-9-]{1,40}$/);
    expect(others).toEqual(directives(slurmScript(submission, [])).slice(1));
  });

  it('quotes options as sbatch reads them', () => {
    const script = slurmScript(submission, ['--comment=a "b" \\ #c', "--mail-user=o'hara"]);
    expect(script).toContain(String.raw`#SBATCH "--comment=a \"b\" \\ #c"` + '\n' + `#SBATCH "--mail-user=o'hara"\n`);
  });

  it.each([
    [['--array=0-9'], '--tasks sets the size of the array.'],
    [['-d', 'afterok:1'], 'The waves depend on each other; submit when the other job has ended.'],
    [['gpu'], 'For example: -- --partition=gpu --time=2:00:00'],
    [['--comment=a\n#SBATCH --wrap=x'], 'Remove line breaks and control characters.'],
  ])('refuses what is not for sbatch: %j', (words, fix) => {
    expect(() => slurmScript(submission, words)).toThrow(expect.objectContaining({ code: 'OOD_BAD_COMMAND', fix }));
  });
});

describe('the job of a batch script', () => {
  it('ends with the code of its task', () => {
    stub('farout', 'exit 2');
    expect(job('features').status).toBe(2);
    expect(said('scontrol')).toEqual([]);
  });

  it.each([
    ['a task of an array', inArray, '7_3'],
    ['a job by itself', env, '9'],
  ])('is requeued when its task failed: %s', (_, variables, id) => {
    stub('farout', 'exit 1');
    stub('scontrol', 'kill $PPID');
    expect(job('run', {}, variables).signal).toBe('SIGTERM');
    expect(said('scontrol')).toEqual([['requeue', id]]);
  });

  it('is requeued when its task was killed, as for lack of memory', () => {
    stub('farout', 'kill -9 $$');
    stub('scontrol', 'kill $PPID');
    job('features');
    expect(said('scontrol')).toEqual([['requeue', '7_3']]);
  });

  it('fails at last, after six tries', () => {
    stub('farout', 'exit 1');
    expect(job('features', {}, { ...inArray, SLURM_RESTART_COUNT: '6' }).status).toBe(1);
    expect(said('scontrol')).toEqual([]);
    said('farout');
  });

  it('lets the task keep its batch and comes back when its time is up', async () => {
    expect(await signalled('SIGUSR1')).toEqual({ code: null, told: true, requeued: [['requeue', '7_3']] });
  });

  it('lets the task keep its batch and does not come back by itself when it is cancelled', async () => {
    expect(await signalled('SIGTERM')).toEqual({ code: 143, told: true, requeued: [] });
  });
});

describe('a word of bash', () => {
  it.each([...hostile, '', ' ', '~', 'a=b', '*', '{a,b}', '!!', '-n', "it's", 'tab\there', 'back\\slash'])(
    'is read as it was: %j',
    (text) => {
      const word = bashWord(text);
      expect(word).not.toContain('\n');
      const { stdout } = spawnSync('bash', ['-c', `words=(${word} b); printf '%s\\0' "\${words[@]}"`], {
        encoding: 'utf8',
      });
      expect(stdout).toBe(`${text}\0b\0`);
    },
  );
});
