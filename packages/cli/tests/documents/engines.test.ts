import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { files } from './fenced-blocks.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'farout-engines-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => path.join(folder, name);
const env = {
  ...process.env,
  PATH: `${folder}:${process.env.PATH ?? ''}`,
  HOME: folder,
  OMPI_ALLOW_RUN_AS_ROOT: '1',
  OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1',
  // More tasks than this machine may have cores.
  OMPI_MCA_rmaps_base_oversubscribe: '1',
};
const run = (words: readonly string[]) => spawnSync(words[0]!, words.slice(1), { cwd: folder, env, encoding: 'utf8' });
const has = (program: string) => spawnSync(program, ['--version']).status === 0;

/** An example of the document, for four tasks on this machine. */
const example = (name: string) =>
  files
    .find(({ document, file }) => document === 'docs/cluster.md' && file === name)!
    .text.replaceAll('64', '4')
    .replaceAll('63', '3');

/** What farout was asked, in whatever order. */
const asked = () => readFileSync(at('asked'), 'utf8').trim().split('\n');
const tasks = [0, 1, 2, 3].map((task) => `work imagenet.yaml --task ${task}/4`);

beforeEach(() => {
  // The second task fails the first time.
  writeFileSync(
    at('farout'),
    `#!/bin/bash\necho "$@" >> '${at('asked')}'\ncase "$*" in *1/4) [ -e '${at('tried')}' ] || { touch '${at('tried')}'; exit 1; } ;; esac\n`,
  );
  chmodSync(at('farout'), 0o755);
  for (const name of ['asked', 'tried']) rmSync(at(name), { force: true });
});

const examples = [
  { program: 'parallel', file: 'tasks.sh', starts: ['bash', 'tasks.sh'], retries: true, more: { hosts: ':\n' } },
  { program: 'mpirun', file: 'tasks-mpi.sh', starts: ['bash', 'tasks-mpi.sh'], retries: false, more: {} },
  {
    program: 'snakemake',
    file: 'tasks.smk',
    starts: ['snakemake', '--snakefile', 'tasks.smk', '--cores', '2'],
    retries: true,
    more: {},
  },
];

describe('an example of docs/cluster.md', () => {
  for (const { program, file, starts, retries, more } of examples) {
    const title = `hands out all tasks with ${program}, and then runs`;
    if (!has(program)) it.skip(`${title}: ${program} is not on this machine`, () => undefined);
    else
      it(title, () => {
        for (const [name, text] of Object.entries({ ...more, [file]: example(file) })) writeFileSync(at(name), text);
        if (!retries) writeFileSync(at('tried'), '');
        expect(run(starts)).toMatchObject({ status: 0 });
        const all = asked();
        expect(all.at(-1)).toBe('run imagenet.yaml');
        expect([...new Set(all.slice(0, -1))].sort()).toEqual(tasks);
        expect(all.length).toBe(retries ? 6 : 5);
      });
  }
});
