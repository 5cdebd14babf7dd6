import type { Submission } from '../src/index.ts';

/** An experiment in four tasks, as its tests submit it. */
export const submission: Submission = {
  name: 'demo',
  file: '/home/me/demo.yaml',
  tasks: 4,
  waves: ['features', 'fit', 'second'],
  command: ['farout'],
  options: ['--set', 'seed=1'],
  runOptions: ['--out', '/home/me/runs/demo'],
  neverRetry: 2,
};

/** What somebody may call an experiment who means harm, or an override hold. */
export const hostile = [
  '"; touch x; "',
  "'; touch x; '",
  '$(touch x)',
  '`touch x`',
  '\n#SBATCH --wrap="touch x"\ntouch x\n',
  "\\'; touch x #",
  '$(JOB_COMPLETION_INDEX) $$ ${HOME}',
  '\u2028touch x\u0007',
  '- a: [b, &c {d: !!js/function e}]',
  '../../etc',
  'Überall --flag=1',
] as const;
