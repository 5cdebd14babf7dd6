import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cellText, type RunResults } from '@farout/core';
import { demoWeights } from '@farout/demo';
import { parse } from 'csv-parse/sync';
import { Replica } from '../replica.ts';
import { runCli } from '../run-cli.ts';
import { command } from '../spawn-cli.ts';

const folder = new Replica();
afterAll(() => folder.remove());
const farout = (...words: string[]) => runCli(words, { cwd: folder.folder });

const [known, strange] = [60, 20];
/** What a spreadsheet would compute, and what a terminal would obey. */
const [formula, steering] = ['=1+1.png', 'red \x1b[31m.png'];
const detector = 'ReAct';
/** The run's scores, image → score. */
let scores: Map<string, number>;
let threshold: number;

beforeAll(async () => {
  for (let at = 0; at < known; at++) folder.paint(`images/known/${at}.png`, 'objects', 5, at);
  for (let at = 0; at < 60; at++) folder.paint(`images/learnt/${at}.png`, 'objects', 6, at);
  for (let at = 0; at < strange; at++) folder.paint(`images/strange/${at}.png`, 'textures', 5, at);
  folder.paint(`mixed/${formula}`, 'objects', 5, 0);
  folder.paint(`mixed/below/${steering}`, 'textures', 5, 0);
  folder.paint('mixed/.hidden/1.png', 'objects', 5, 1);
  folder.write('mixed/bad.png', 'no image');
  folder.write('labels.txt', Array.from({ length: 12 }, (_, at) => `thing ${at}\x1b[2J\n`).join(''));
  const { stderr, code } = await farout('run', experiment(), '--out', 'run', '--no-report');
  if (code !== 0) throw new Error(stderr);
  const written = await farout('export', 'run', '--detector', detector, '--labels', 'labels.txt');
  if (written.code !== 0) throw new Error(written.stderr);
  const [header, ...rows] = parse(folder.read('run/scores.csv'));
  const column = header!.indexOf(detector);
  scores = new Map(rows.map((row) => [`images/${row[0]!}/${cellText(row[1]!)}`, Math.fround(Number(row[column]))]));
  threshold = (JSON.parse(folder.read('run/results.json')) as RunResults).thresholds[detector]!;
}, 120_000);

function experiment(): string {
  const text = `name: score
store: store
device: cpu
backbone: { demo-resnet: { weights: ${JSON.stringify(demoWeights)} } }
datasets:
  known: { image-folder: { root: images/known } }
  learnt: { image-folder: { root: images/learnt } }
  strange: { image-folder: { root: images/strange } }
id: known
fit: learnt
ood: [strange]
detectors: { ${detector}: [react, energy], KNN: knn }
metrics: [auroc]
`;
  folder.write('score.yaml', text);
  return 'score.yaml';
}

interface ScoredLine {
  readonly event: string;
  readonly image: string;
  readonly score: number;
  readonly isInDistribution: boolean;
  readonly class: number;
  readonly label: string;
  readonly lower: number;
  readonly p: number;
}
const linesOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ScoredLine);

describe('farout score', () => {
  it('gives every image the score that the run gave it, its decision and its rank', async () => {
    const { code, stdout, stderr } = await farout('score', 'detector.onnx', 'images/strange', 'images/known', '--json');
    expect([code, stderr]).toEqual([0, '']);
    const lines = linesOf(stdout);
    expect(lines).toHaveLength(known + strange);
    const ofKnown = [...scores].flatMap(([name, score]) => (name.startsWith('images/known/') ? [score] : []));
    const next = Math.min(...ofKnown.filter((score) => score > threshold));
    for (const { image, score: shown, isInDistribution, lower, p, ...line } of lines) {
      const score = Math.fround(shown);
      const expected = scores.get(image)!;
      expect(Math.abs(score - expected)).toBeLessThanOrEqual(1e-5 * Math.abs(expected));
      expect(isInDistribution).toBe(expected > (threshold + next) / 2);
      if (ofKnown.includes(expected)) expect(isInDistribution).toBe(expected > threshold);
      const [below, upTo] = [
        ofKnown.filter((each) => each < score).length,
        ofKnown.filter((each) => each <= score).length,
      ];
      expect([lower, p]).toEqual([below / known, (1 + upTo) / (known + 1)]);
      expect(line).toMatchObject({ event: 'scored', label: `thing ${line.class}\x1b[2J` });
    }
    const names = (set: string, count: number) =>
      Array.from({ length: count }, (_, at) => `images/${set}/${at}.png`).sort();
    expect(lines.map(({ image }) => image)).toEqual([...names('strange', strange), ...names('known', known)]);
  });

  it('prints a table for people, in which nothing steers the terminal, and names what cannot be read', async () => {
    const { code, stdout, stderr } = await farout('score', 'detector.onnx', 'mixed', 'gone.png');
    expect(code).toBe(1);
    expect(stderr.split('\n')).toEqual([
      expect.stringContaining('mixed/bad.png cannot be scored: the file is not a supported image'),
      'gone.png cannot be scored: the file cannot be read (ENOENT)',
      '',
    ]);
    const [head, ...lines] = stdout.split('\n');
    expect(head).toMatch(/^image +class +score +verdict +ID lower +p$/);
    expect(lines[0]).toMatch(/^mixed\/=1\+1\.png +thing \d+\\x1b\[2J +\d+\.\d+ +(ID|OOD) +\d+\.\d % +0?\.?\d+$/);
    expect(lines[1]).toMatch(/^mixed\/below\/red \\x1b\[31m\.png /);
    expect(lines.at(-2)).toMatch(/^4 images: \d ID, \d OOD, 2 that cannot be read\.$/);
    expect(stdout).toContain(`the run's ${known} ID images`);
    expect(stdout).not.toMatch(/(?!\n)\p{Cc}/u);
  });

  it('prints CSV that reads back, and that no spreadsheet computes', async () => {
    const { stdout } = await farout('score', 'detector.onnx', 'mixed', '--csv');
    const [header, ...rows] = parse(stdout);
    expect(header).toEqual('image,label,class,probability,score,is_in_distribution,lower,p,unreadable'.split(','));
    // In the order of the paths' bytes.
    expect(rows.map(([image]) => image)).toEqual([`mixed/${formula}`, 'mixed/bad.png', `mixed/below/${steering}`]);
    expect(rows[1]!.slice(1, -1).join('')).toBe('');
    expect(rows[1]!.at(-1)).toContain('not a supported image');
    expect(Number(rows[0]![4])).toBeCloseTo(scores.get('images/known/0.png')!, 4);
    symlinkSync(folder.path(`mixed/${formula}`), folder.path(formula));
    const alone = await farout('score', 'detector.onnx', formula, '--csv');
    expect(alone.stdout).toContain(`\r\n'${formula},`);
  });

  it('reads an image from stdin', () => {
    const [program, ...words] = [...command, 'score', 'detector.onnx', '-', '--json'];
    const ended = spawnSync(program, words, {
      cwd: folder.folder,
      env: { ...process.env, INIT_CWD: undefined },
      input: readFileSync(folder.path('images/known/7.png')),
      encoding: 'utf8',
    });
    expect([ended.status, ended.stderr]).toEqual([0, '']);
    const [line] = linesOf(ended.stdout);
    expect(line!.image).toBe('stdin');
    expect(line!.score).toBeCloseTo(scores.get('images/known/7.png')!, 4);
  });

  it('exits with 3 for an image that is OOD, where it is asked to', async () => {
    const ofKnown = [...scores].filter(([name]) => name.startsWith('images/known/'));
    const [ood] = ofKnown.find(([, score]) => score <= threshold)!;
    const [id] = ofKnown.find(([, score]) => score > threshold)!;
    const codeOf = async (...words: string[]) => (await farout('score', 'detector.onnx', ...words)).code;
    expect(await codeOf(id, ood)).toBe(0);
    expect(await codeOf(id, ood, '--fail-on-ood')).toBe(3);
    expect(await codeOf(id, '--fail-on-ood')).toBe(0);
    expect(await codeOf(ood, 'mixed/bad.png', '--fail-on-ood')).toBe(1);
  });

  it('takes a detector of a run as it takes its file', async () => {
    const words = ['images/strange', '--csv'];
    const [byRun, byFile] = [
      await farout('score', 'run', '--detector', detector, ...words),
      await farout('score', 'detector.onnx', ...words),
    ];
    expect([byRun.code, byRun.stderr]).toEqual([0, '']);
    // The file has other labels.
    const withoutLabel = (text: string) => parse(text).map(([image, , ...cells]) => [image, ...cells]);
    expect(withoutLabel(byRun.stdout)).toEqual(withoutLabel(byFile.stdout));
    const stricter = await farout('score', 'run', '--detector', detector, '--tpr', '0.5', ...words);
    expect(stricter.stdout.match(/false/g)!.length).toBeGreaterThan(byRun.stdout.match(/false/g)!.length);
  });

  it.each([
    ['a run without a detector', ['run', 'mixed'], 'choose one of its detectors'],
    ['a detector that the run has not', ['run', 'mixed', '--detector', 'Reakt'], 'no detector "Reakt"'],
    ['a detector that is not with tensor algebra', ['run', 'mixed', '--detector', 'KNN'], 'not with tensor algebra'],
    ['a share that is none', ['run', 'mixed', '--detector', detector, '--tpr', '95'], '--tpr is 95'],
    ['--tpr with a file', ['detector.onnx', 'mixed', '--tpr', '0.9'], '--tpr works only with a run folder'],
    [
      '--detector with a file',
      ['detector.onnx', 'mixed', '--detector', detector],
      '--detector works only with a run folder',
    ],
    ['two formats at once', ['detector.onnx', 'mixed', '--json', '--csv'], '--json and --csv'],
    ['stdin twice', ['detector.onnx', '-', '-'], 'stdin (-) is named twice'],
    ['a file of another kind', ['labels.txt', 'mixed'], '[OOD_DETECTOR_FILE_INVALID]'],
    ['a file that is not there', ['gone.onnx', 'mixed'], '[OOD_MISSING_FILE]'],
    ['a folder without an image', ['detector.onnx', 'configs'], '[OOD_DATASET_INVALID]'],
  ])('refuses %s', async (_, words, message) => {
    const { code, stderr } = await farout('score', ...words);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe('farout score --fdr', () => {
  const lines = async (...words: string[]) =>
    (await farout('score', 'detector.onnx', 'images/known', 'images/strange', '--json', ...words)).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as ScoredLine & { readonly images?: readonly string[] });

  it('rejects those that Benjamini and Hochberg reject by their p values', async () => {
    const q = 0.3;
    const all = await lines('--fdr', String(q));
    const scored = all.filter(({ event }) => event === 'scored');
    const ascending = scored.map(({ p }) => p).sort((a, b) => a - b);
    let limit = -1;
    for (const [at, p] of ascending.entries()) if (p <= ((at + 1) * q) / ascending.length) limit = p;
    const expected = scored.filter(({ p }) => p <= limit).map(({ image }) => image);
    expect(expected.length).toBeGreaterThan(3);
    expect(all.at(-1)).toMatchObject({ event: 'rejected', fdr: q, judged: known + strange, images: expected });
  });

  it('says how many could be rejected at all where none is, and promises nothing of lines by themselves', async () => {
    const one = await farout('score', 'detector.onnx', 'images/known/0.png', '--fdr', '0.01');
    expect(one.stdout).toContain('None of 1 is rejected at 1 %; with so few ID scores, none can be rejected');
    const few = await farout('score', 'detector.onnx', 'images/known', '--fdr', '0.3');
    expect(few.stdout).toMatch(/^None of 60 is rejected at 30 %; at least 4 would be needed, /m);
    expect((await farout('score', 'detector.onnx', 'images/known', '--fdr', '0.1', '--csv')).code).toBe(2);
    expect((await farout('score', 'detector.onnx', 'images/known', '--fdr', '1')).code).toBe(2);
  });
});
