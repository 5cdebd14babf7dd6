import { FaroutError, printable } from '@farout/core';
import { checkedWords, dnsLabel, isCut, type Submission } from './submission.ts';

/** A Slurm job: one wave, or the run after all waves. */
export interface SlurmJob {
  readonly wave: string;
  /** The number of tasks of its array; absent for a single job. */
  readonly tasks?: number;
}

/** The jobs of a submission in order; each runs after the one before it. */
export const slurmJobs = ({ waves, tasks }: Pick<Submission, 'waves' | 'tasks'>): readonly SlurmJob[] => [
  ...waves.map((wave) => ({ wave, ...(isCut(wave) && { tasks }) })),
  { wave: 'run' },
];

/**
 * The arguments of `sbatch` for a job.
 *
 * @param after - The id of the job it waits for. If that one fails, this one is cancelled: it would wait forever.
 */
export const sbatchWords = (
  { wave, tasks }: SlurmJob,
  script: string,
  after: string | undefined,
): readonly string[] => [
  '--parsable',
  ...(tasks === undefined ? [] : [`--array=0-${tasks - 1}`]),
  ...(after === undefined ? [] : [`--dependency=afterok:${after}`, '--kill-on-invalid-dep=yes']),
  script,
  wave,
];

/** How often a job is requeued at most after a failure, and after its time limit. Then it ends, and submitting again resumes. */
const restarts = { failed: 6, outOfTime: 100 };

/** The second line of every script, after the shebang. */
const mark = '# Written by farout submit: ';

/** Whether farout wrote a file and may replace it. */
export const isSlurmScript = (text: string): boolean => text.startsWith(`#!/bin/bash\n${mark}`);

/**
 * The batch script for all jobs of a submission, readable and complete: it can be submitted by hand.
 *
 * - The first argument of the job is its wave. `tasks` is a literal, because for an array with gaps Slurm reports the tasks it has, not the total.
 * - A minute before the time limit, Slurm sends SIGUSR1; farout then saves the current batch, and the job is requeued. SIGTERM, from
 *   `scancel` or preemption, saves it too; Slurm then decides whether the job is requeued.
 * - A failed task is requeued at most six times, or never if its request is invalid.
 *
 * @param words - Options of sbatch, unchanged; each becomes an `#SBATCH` line. They come later than those of farout and override them.
 * @throws FaroutError OOD_BAD_COMMAND when one of them is reserved for farout, or has a control character.
 */
export function slurmScript(submission: Submission, words: readonly string[]): string {
  const { name, file, tasks, command, options, runOptions, neverRetry } = submission;
  const label = dnsLabel(name);
  const directives = ['--requeue', '--open-mode=append', '--signal=B:USR1@60', ...sbatchLines(words)];
  return `#!/bin/bash
${mark}${printable(name)}, in ${tasks} tasks. It is a job for each wave, each after the one before it:
${byHand(submission, label)}
# What the store holds is not computed again: submitting once more goes on.
#SBATCH --job-name=${label}
${directives.map((line) => `#SBATCH ${line}`).join('\n')}

farout=(${command.map(bashWord).join(' ')})
experiment=${bashWord(file)}
options=(${options.map(bashWord).join(' ')})
tasks=${tasks}

case \${1-} in
  features | second) work=(work "$experiment" --task "$SLURM_ARRAY_TASK_ID/$tasks" --wave "$1") ;;
  fit) work=(work "$experiment" --task 0/1 --wave fit) ;;
  run) work=(${['run', '"$experiment"', ...runOptions.map(bashWord)].join(' ')}) ;;
  *) echo "Name a wave: sbatch $0 ${slurmJobs(submission)
    .map(({ wave }) => wave)
    .join(' | ')}" >&2; exit ${neverRetry} ;;
esac

"\${farout[@]}" "\${work[@]}" "\${options[@]}" &
worker=$!
signals=0 heard=-1 limit=
trap 'signals=$((signals + 1)) limit=yes; kill -TERM "$worker"' USR1 # a minute is left
trap 'signals=$((signals + 1)); kill -TERM "$worker"' TERM # the job is to end
# A signal ends the wait, not the work.
while [ "$heard" != "$signals" ]; do
  heard=$signals
  wait "$worker"
  status=$?
done

tries=${restarts.failed} # what failed here may succeed elsewhere
[ "$signals" = 0 ] || tries=0 # somebody wants the job to end
[ -z "$limit" ] || tries=${restarts.outOfTime} # it goes on where it stopped
case $status in 0 | ${neverRetry}) tries=0 ;; esac # done, or wrong on every machine
if [ "\${SLURM_RESTART_COUNT:-0}" -lt "$tries" ]; then
  trap - TERM
  scontrol requeue "\${SLURM_ARRAY_JOB_ID:-$SLURM_JOB_ID}\${SLURM_ARRAY_TASK_ID:+_$SLURM_ARRAY_TASK_ID}" && sleep 60
fi
exit "$status"
`;
}

function byHand(submission: Submission, label: string): string {
  const lines = slurmJobs(submission).map((job, index) => {
    const words = sbatchWords(job, `${label}.sbatch`, index === 0 ? undefined : '<job>');
    return `#   sbatch ${words.slice(1).join(' ')}`;
  });
  return lines.join('\n');
}

/** The options reserved for farout, by name. */
const ours: Readonly<Record<string, string>> = {
  '--array': '--tasks sets the size of the array.',
  '-a': '--tasks sets the size of the array.',
  '--dependency': 'The waves depend on each other; submit when the other job has ended.',
  '-d': 'The waves depend on each other; submit when the other job has ended.',
  '--wrap': 'farout writes the script.',
};

/** Options as `#SBATCH` lines: one option per line, with its value. */
function sbatchLines(words: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const word of checkedWords(words)) {
    const fix = Object.hasOwn(ours, word.split('=')[0]!) ? ours[word.split('=')[0]!] : undefined;
    if (fix !== undefined)
      throw new FaroutError('OOD_BAD_COMMAND', `farout itself sets the sbatch option ${word}`, { fix });
    if (word.startsWith('-')) lines.push(sbatchWord(word));
    else if (lines.length > 0) lines.push(`${lines.pop()!} ${sbatchWord(word)}`);
    else
      throw new FaroutError('OOD_BAD_COMMAND', `"${word}" after -- is not an option of sbatch`, {
        fix: 'For example: -- --partition=gpu --time=2:00:00',
      });
  }
  return lines;
}

/** Quotes a word for an `#SBATCH` line, which sbatch parses like bash, but without variables. */
const sbatchWord = (word: string) =>
  /^[\w./=,:@%+-]+$/.test(word) ? word : `"${word.replaceAll(/["\\]/g, String.raw`\$&`)}"`;

/** Quotes a text as one bash word, on one line. */
export function bashWord(text: string): string {
  if (/^[\w./=,:@%+-]+$/.test(text)) return text;
  if (printable(text) === text) return `'${text.replaceAll("'", String.raw`'\''`)}'`;
  const escaped = text.replaceAll(/['\\]/g, String.raw`\$&`).replaceAll(/[\x00-\x1f\x7f]/g, hex);
  return `$'${escaped}'`;
}

const hex = (character: string) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
