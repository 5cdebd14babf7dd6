import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { Replica } from '../replica.ts';
import { runCli } from '../run-cli.ts';
import { demo } from '../small-demo.ts';

const folder = new Replica();
afterAll(() => folder.remove());
/** Written as JSON, which is YAML: no name of it needs thought. */
const experimentNamed = (name: string) => {
  const file = folder.path('experiment.yaml');
  writeFileSync(file, `extends: ${JSON.stringify(demo)}\nname: ${JSON.stringify(name)}\n`);
  return file;
};
const env = { PATH: `${folder.folder}:${process.env.PATH ?? ''}`, FAROUT_QUEUE: undefined };
const submit = (...words: string[]) => runCli(['submit', ...words], { cwd: folder.folder, env });
const said = (program: string) => readFileSync(folder.path(`${program}.said`), 'utf8');

/** A program that writes down its words and what it reads, and then says something. */
function stub(program: string, then: string): void {
  const text = `#!/bin/bash\nprintf '%s|' "$@" >> "$0.said"\necho >> "$0.said"\n${then}\n`;
  writeFileSync(folder.path(program), text);
  chmodSync(folder.path(program), 0o755);
}

beforeAll(() => {
  stub('sbatch', 'echo $((41 + $(wc -l < "$0.said")))');
  stub('kubectl', 'cat > "$0.read"; echo applied');
});

describe('farout submit', () => {
  it('has sbatch take a job for each wave, each after the one before it', async () => {
    const ended = await submit(experimentNamed('demo'), '--to', 'slurm', '--tasks', '4', '--', '--partition=gpu');
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toBe(
      'Wrote demo.sbatch\nJob 42: features, 4 tasks\nJob 43: fit\nJob 44: second, 4 tasks\nJob 45: run\n',
    );
    expect(said('sbatch').split('\n').slice(0, 4)).toEqual([
      '--parsable|--array=0-3|demo.sbatch|features|',
      '--parsable|--dependency=afterok:42|--kill-on-invalid-dep=yes|demo.sbatch|fit|',
      '--parsable|--array=0-3|--dependency=afterok:43|--kill-on-invalid-dep=yes|demo.sbatch|second|',
      '--parsable|--dependency=afterok:44|--kill-on-invalid-dep=yes|demo.sbatch|run|',
    ]);
    const script = readFileSync(folder.path('demo.sbatch'), 'utf8');
    expect(script).toContain('\n#SBATCH --partition=gpu\n');
    expect((await submit(experimentNamed('demo'), '--to', 'slurm', '--tasks', '4', '--dry-run')).stdout).toBe(
      script.replace('#SBATCH --partition=gpu\n', ''),
    );
  });

  it('replaces no script that it did not write', async () => {
    writeFileSync(folder.path('mine.sbatch'), '#!/bin/bash\n');
    const { code, stderr } = await submit(experimentNamed('mine'), '--to', 'slurm', '--tasks', '4');
    expect([code, stderr]).toEqual([2, expect.stringContaining('Move it away, or submit from another folder.')]);
    expect(readFileSync(folder.path('mine.sbatch'), 'utf8')).toBe('#!/bin/bash\n');
  });

  it('refuses a name that is none of a folder, and runs nothing by another one', async () => {
    const refused = await submit(experimentNamed('"; touch x; "'), '--to', 'slurm', '--tasks', '1');
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('[OOD_CONFIG_TYPE]')]);
    const { code } = await submit(experimentNamed("'; touch x; '"), '--to', 'slurm', '--tasks', '1');
    expect([code, existsSync(folder.path('x'))]).toEqual([0, false]);
  });

  it('sends Kubernetes a wave, and its options to kubectl', async () => {
    const words = ['--to', 'kubernetes', '--tasks', '4', '--image', 'farout:1', '--set', 'name=$(touch x)'];
    // A pod gets one file.
    const { code, stdout } = await submit(demo, ...words, '--', '--namespace=ood');
    expect([code, stdout.split('\n')[0]]).toEqual([0, 'applied']);
    expect(said('kubectl')).toBe('apply|--namespace=ood|-f|-|\n');
    const read = readFileSync(folder.path('kubectl.read'), 'utf8');
    expect(parseAllDocuments(read).map((document) => document.get('kind'))).toEqual(['ConfigMap', 'Job']);
    expect((await submit(demo, ...words, '--dry-run')).stdout).toBe(read);
  });

  it('tells what it would put into a queue', async () => {
    const { stdout } = await submit(experimentNamed('demo'), '--to', 'bullmq', '--tasks', '4', '--dry-run');
    expect(JSON.parse(stdout)).toEqual({
      queue: 'farout-demo',
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      waves: [
        { wave: 'features', tasks: 4 },
        { wave: 'fit', tasks: 1 },
        { wave: 'second', tasks: 4 },
      ],
    });
  });

  it.each([
    [['--to', 'kubernetes', '--tasks', '4'], 'needs --image'],
    [['--to', 'slurm', '--tasks', '4', '--kueue', 'team'], '--kueue works only with --to kubernetes'],
    [['--to', 'slum', '--tasks', '4'], 'Did you mean "slurm"?'],
    [['--to', 'slurm', '--tasks', '0'], '--tasks is 0'],
    [['--to', 'slurm', '--tasks', '4', '--', '--array=1-9'], '--tasks sets the size of the array.'],
    [['--to', 'bullmq', '--tasks', '4'], 'FAROUT_QUEUE is not set to the address of a queue'],
    [['--to', 'redis://:secret@127.0.0.1', '--tasks', '4'], 'contains a password'],
    [['--to', 'redis://127.0.0.1', '--tasks', '4', '--', '--priority=1'], 'A queue has one option: -- --replace'],
  ])('refuses %j', async (words, sentence) => {
    const { code, stderr } = await submit(experimentNamed('demo'), ...words);
    expect([code, stderr]).toEqual([2, expect.stringContaining(sentence)]);
    expect(stderr).not.toContain('secret');
  });

  it('says where sbatch is missing', async () => {
    const words = ['submit', experimentNamed('absent'), '--to', 'slurm', '--tasks', '4'];
    const { code, stderr } = await runCli(words, { cwd: folder.folder, env: { PATH: '/nonexistent' } });
    expect([code, stderr]).toEqual([2, expect.stringContaining('[OOD_ENGINE_ABSENT]')]);
  });
});
