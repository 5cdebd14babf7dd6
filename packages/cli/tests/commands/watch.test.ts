import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { betaBinomialUpperTail } from '@farout/statistics';
import { runCli } from '../run-cli.ts';
import { command } from '../spawn-cli.ts';
import { imageOf, sumDetector } from '../sum-detector.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'farout-watch-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const farout = (...words: string[]) => runCli(words, { cwd: folder });
const inFolder = (...names: string[]) => path.join(folder, ...names);

/** As many images of different content as asked, of which the first ones are refused: they have a sum of at most 10. */
function writeImages(name: string, count: number, refused: number): void {
  mkdirSync(inFolder(name), { recursive: true });
  for (let at = 0; at < count; at++)
    writeFileSync(inFolder(name, `${String(at).padStart(3, '0')}.png`), imageOf(at < refused ? at : 100 + at));
}

/** The threshold is the second smallest of 40 scores: 2 of 41 images are refused on average. */
const threshold = { rule: 'conformal', value: 10, score: 11, tpr: 0.95, alpha: 0.05, k: 2, n: 40 } as const;
const idScores = { count: 40, scores: Array.from({ length: 40 }, (_, at) => 10 + at) };

beforeAll(async () => {
  writeFileSync(inFolder('calibrated.onnx'), sumDetector({ threshold, idScores }));
  writeFileSync(
    inFolder('run.onnx'),
    sumDetector({ threshold: { rule: 'tpr', value: 10, score: 10, tpr: 0.95, index: 0, count: 40 }, idScores }),
  );
  writeImages('same', 30, 1);
  writeImages('changed', 30, 11);
  writeFileSync(inFolder('changed', 'copy.png'), imageOf(0));
  writeFileSync(inFolder('changed', 'bad.png'), 'no image');
  for (const name of ['same', 'changed']) {
    writeFileSync(inFolder(`${name}.csv`), (await farout('score', 'calibrated.onnx', name, '--csv')).stdout);
    writeFileSync(inFolder(`${name}.jsonl`), (await farout('score', 'calibrated.onnx', name, '--json')).stdout);
  }
}, 60_000);

describe('farout watch, of a folder', () => {
  it('says how many are refused, what was promised, the p value, and what it rests on', async () => {
    const { code, stdout, stderr } = await farout('watch', 'calibrated.onnx', 'changed', '--quiet');
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^changed\/bad\.png was left out: .*\n$/)]);
    expect(stdout).toContain(
      'changed: 11 of 30 images are refused (36.7 %); 4.88 % (2 of 41) were promised on average.',
    );
    expect(stdout).toContain('1 that duplicate another file were left out.');
    const p = betaBinomialUpperTail(11, 30, { k: 2, n: 40 });
    expect(stdout).toContain(`p = ${Number(p.toPrecision(3))}: `);
    expect(stdout).toContain('Drift: more images are refused than promised (p is at most 0.01).');
    expect(stdout).toContain('exchangeable');
    expect(stdout).not.toContain('The threshold comes from the run.');
  });

  it('ends with 3 where that is asked for and there is drift', async () => {
    const ends = await Promise.all(
      [['changed'], ['same'], ['changed', '--alpha', '0.000000001']].map(([images, ...more]) =>
        farout('watch', 'calibrated.onnx', images!, '--fail-on-drift', '--quiet', ...more),
      ),
    );
    expect(ends.map(({ code }) => code)).toEqual([3, 0, 0]);
    expect(ends[1]!.stdout).toContain('No drift detected (p is above 0.01).');
  });

  it('says it as JSON', async () => {
    const { stdout } = await farout('watch', 'calibrated.onnx', 'changed', '--quiet', '--json');
    const p = betaBinomialUpperTail(11, 30, { k: 2, n: 40 });
    const counted = { images: 30, refused: 11, p };
    expect(JSON.parse(stdout)).toEqual({
      ...{ version: 1, event: 'looked', ...counted, groups: [{ k: 2, n: 40, ...counted }] },
      ...{ unreadable: 1, repeated: 1, alpha: 0.01, drift: true },
    });
  });

  it("takes a run's threshold for what it is", async () => {
    const { stdout } = await farout('watch', 'run.onnx', 'same', '--quiet');
    expect(stdout).toContain('4.88 % (2 of 41) were promised');
    expect(stdout).toContain("for images like the run's ID images");
    expect(stdout).toContain('first run `farout calibrate`');
  });
});

describe('farout watch, of a log', () => {
  it.each(['csv', 'jsonl'])('alarms at the image at which the evidence is enough: %s', async (kind) => {
    const { code, stdout, stderr } = await farout('watch', 'calibrated.onnx', `changed.${kind}`, '--fail-on-drift');
    expect([code, stderr]).toEqual([3, '']);
    const [, line, image] = /^changed\.\w+:(\d+) {2}Alarm at changed\/(\d+)\.png: /.exec(stdout)!;
    // One image a line, in their order, behind the heading of CSV: the copy is in the log, and is counted there.
    expect(Number(line)).toBe(Number(image) + (kind === 'csv' ? 2 : 1));
    expect(Number(image)).toBeLessThan(11);
    expect(stdout).toContain('12 of 31 images are refused');
    expect(stdout).toContain('1 could not be read, and are not counted.');
    expect(stdout).toContain('Drift: from some image on, more were refused than promised.');
    expect(stdout).toContain('At most 1 % of logs without drift ever raise an alarm');
  });

  it('says it as JSON: the alarm, and the end', async () => {
    const { stdout } = await farout('watch', 'calibrated.onnx', 'changed.csv', '--json');
    const [alarm, end] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, number>);
    expect(alarm).toMatchObject({ version: 1, event: 'alarm', images: alarm!.refused, line: alarm!.images! + 1 });
    expect(alarm!.evidence).toBeGreaterThanOrEqual(100);
    expect(end).toMatchObject({
      event: 'watched',
      images: 31,
      refused: 12,
      unreadable: 1,
      drift: true,
      alarm: alarm!.line,
    });
  });

  it('does not alarm where no more are refused than promised', async () => {
    const { code, stdout } = await farout('watch', 'calibrated.onnx', 'same.csv', '--fail-on-drift');
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/No drift detected: the evidence is [\d.]+, and never reached 100\./),
    ]);
  });

  it('may be on stdin', async () => {
    const [program, ...words] = command;
    const { stdout: log } = await farout('score', 'calibrated.onnx', 'changed', '--csv');
    const watched = spawnSync(program!, [...words, 'watch', 'calibrated.onnx', '-'], {
      cwd: folder,
      // Under npm the user's folder is the one where npm was called.
      env: { ...process.env, INIT_CWD: folder },
      input: log,
      encoding: 'utf8',
    });
    expect([watched.status, watched.stderr]).toEqual([0, '']);
    expect(watched.stdout).toContain('stdin: 12 of 31 images are refused');
  });

  it('is held to the file that scored it, and to the form that farout score gives it', async () => {
    const refusals = await Promise.all(
      [
        ['watch', 'run.onnx', 'calibrated.onnx'],
        ['watch', 'calibrated.onnx', 'nowhere.csv'],
        ['watch', 'calibrated.onnx', 'same.csv', '--alpha', '1'],
      ].map((words) => farout(...words)),
    );
    expect(refusals.map(({ code }) => code)).toEqual([2, 2, 2]);
    expect(refusals[0]!.stderr).toMatch(/^calibrated\.onnx:\d+:1 .*\[OOD_LOG_INVALID\]\n$/s);
    expect(refusals[1]!.stderr).toContain('[OOD_MISSING_FILE]');
    expect(refusals[2]!.stderr).toContain('[OOD_BAD_COMMAND]');
    writeFileSync(inFolder('other.onnx'), sumDetector({ threshold, idScores: { count: 3, scores: [1, 2, 3] } }));
    expect((await farout('watch', 'other.onnx', 'same.csv')).stderr).toContain('another file scored same/000.png');
    writeFileSync(inFolder('empty.csv'), '\n');
    expect((await farout('watch', 'calibrated.onnx', 'empty.csv')).stderr).toContain('has no scored images');
  });
});
