import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadDetector, readDescription } from '@farout/deploy';
import { encodePng } from '@farout/images';
import { runCli } from './run-cli.ts';

const weights = fileURLToPath(new URL('../../demo/weights/demo-resnet.pth', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'farout-calibrate-'));
const side = 64;

/** Pictures of stripes, each other than all others. */
function writeImages(name: string, count: number, from: number): void {
  mkdirSync(path.join(folder, name), { recursive: true });
  for (let number = from; number < from + count; number++) {
    const data = Uint8Array.from({ length: side * side * 3 }, (_, at) => {
      const [x, y] = [Math.floor(at / 3) % side, Math.floor(at / 3 / side)];
      return 128 + 100 * Math.sin((x * (1 + (number % 17)) + y * Math.floor(number / 17)) / 9 + (at % 3));
    });
    writeFileSync(path.join(folder, name, `${number}.png`), encodePng({ width: side, height: side, data }));
  }
}

const dataset = (name: string) => `  ${name}: { image-folder: { root: ${name} } }`;
const experiment = `name: stripes
backbone: { demo-resnet: { weights: '${weights}' } }
datasets:
${['known', 'learnt', 'strange'].map(dataset).join('\n')}
id: known
fit: learnt
ood: [strange]
detectors:
  Energy: energy
  ReAct: [react, energy]
metrics: [auroc]
store: store
`;

const cli = (...words: string[]) => runCli(words, { cwd: folder });

beforeAll(async () => {
  writeImages('known', 40, 0);
  writeImages('learnt', 40, 100);
  writeImages('strange', 35, 200);
  writeImages('own', 41, 300);
  writeImages('few', 18, 400);
  writeFileSync(path.join(folder, 'stripes.yaml'), experiment);
  const ended = await cli('run', 'stripes.yaml', '--out', 'run', '--no-report');
  if (ended.code !== 0) throw new Error(ended.stderr);
  for (const detector of ['Energy', 'ReAct']) {
    const exported = await cli('export', 'run', '--detector', detector, '--to', `${detector}.onnx`);
    if (exported.code !== 0) throw new Error(exported.stderr);
  }
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('farout calibrate', () => {
  it('writes a file with a threshold of its own, and says what it promises and what that rests on', async () => {
    const ended = await cli('calibrate', 'ReAct.onnx', 'own', '--quiet', '--to', 'own.onnx');
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const text = ended.stdout.replaceAll(/\s+/g, ' ');
    expect(text).toContain('own.onnx: ReAct, calibrated on 41 images of own');
    expect(text).toContain(': 40 of these 41 do.');
    expect(text).toContain('On average over sets of 41 images, at most 4.76 % (2 of 42) of images like these');
    expect(text).toContain('exchangeable (any order equally likely)');
    expect(text).toContain('None of the images was used to fit the detector');
    const detector = await loadDetector(path.join(folder, 'own.onnx'));
    const scores = [];
    for (let number = 300; number < 341; number++)
      scores.push(await detector.score(path.join(folder, 'own', `${number}.png`)));
    await detector.close();
    expect(scores.filter(({ isInDistribution }) => !isInDistribution)).toHaveLength(1);
    const second = scores.map(({ score }) => score).toSorted((a, b) => a - b)[1];
    expect(detector.description.threshold).toMatchObject({ rule: 'conformal', score: second, k: 2, n: 41 });
    const scored = await cli('score', 'own.onnx', 'strange');
    expect(scored.stdout).toContain('as 97.6 % of the 41 images that calibrated it do.');
  });

  it('changes nothing but the threshold and what the file says of it', async () => {
    const bytesOf = (file: string) => readFileSync(path.join(folder, file));
    await cli('calibrate', 'Energy.onnx', 'own', '--to', 'energy-own.onnx');
    const [former, latter] = [bytesOf('Energy.onnx'), bytesOf('energy-own.onnx')];
    const [first, second] = await Promise.all([readDescription(former), readDescription(latter)]);
    const { threshold: _, idScores: __, ...kept } = first;
    expect(second).toMatchObject(kept);
    // The description is the last of the file.
    const graph = former.subarray(0, former.indexOf('{"schemaVersion"') - 100);
    const changed = graph.filter((byte, at) => byte !== latter[at]).length;
    expect(changed).toBeGreaterThan(0);
    expect(changed).toBeLessThanOrEqual(4);
  });

  it('promises more of less images where it is to be sure, and refuses too few with the number that is needed', async () => {
    const sure = await cli('calibrate', 'ReAct.onnx', 'own', '--tpr', '0.9', '--confidence', '0.9', '--to', 's.onnx');
    expect(sure.stdout).toContain('With a confidence of 0.9, this threshold refuses at most 10 % of images like these');
    const few = await cli('calibrate', 'ReAct.onnx', 'few', '--to', 'few.onnx');
    expect([few.code, few.stderr]).toEqual([2, expect.stringContaining('Use at least 19.')]);
    const surer = await cli('calibrate', 'ReAct.onnx', 'own', '--confidence', '0.99', '--to', 'few.onnx');
    expect(surer.stderr).toContain('Use at least 90.');
    expect(surer.stderr).toContain('[OOD_CALIBRATION_REFUSED]');
  });

  it('refuses images that the detector learnt from, and takes them for one that learns nothing', async () => {
    const learnt = await cli('calibrate', 'ReAct.onnx', 'learnt', '--to', 'learnt.onnx');
    expect(learnt.code).toBe(2);
    expect(learnt.stderr).toContain('40 of these images are among those that the detector learnt from');
    expect((await cli('calibrate', 'Energy.onnx', 'learnt', '--to', 'learnt.onnx')).code).toBe(0);
    expect((await cli('calibrate', 'ReAct.onnx', 'known', '--to', 'known.onnx')).code).toBe(0);
  });

  it('has thresholds for classes where there are images enough, and says how many are needed where not', async () => {
    const ended = await cli('calibrate', 'Energy.onnx', 'own', '--per-class', '--to', 'each.onnx');
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringMatching(/Use at least \d+, or omit --per-class\./)]);
    const rough = ['--per-class', '--tpr', '0.5', '--quiet', '--to', 'each.onnx'];
    const each = await cli('calibrate', 'Energy.onnx', 'known', ...rough);
    expect(each).toMatchObject({ code: 0, stderr: '' });
    expect(each.stdout).toMatch(/^Thresholds: \d+ classes have their own, all others share one: \d+ of these 40 /m);
    expect(each.stdout).toContain('for each of these classes separately, and for the others together');
    const { threshold, predicted } = await readDescription(path.join(folder, 'each.onnx'));
    expect(predicted!.reduce((sum, count) => sum + count)).toBe(40);
    const { own = [], n } = threshold as { own?: { n: number }[]; n: number };
    expect((await cli('score', 'each.onnx', 'own')).stdout).toContain('exceeds the threshold of its class: ');
    expect(own.reduce((sum, line) => sum + line.n, n)).toBe(40);
  });

  it('never writes over the file that it reads, nor over another', async () => {
    const again = await cli('calibrate', 'ReAct.onnx', 'own', '--to', 'ReAct.onnx');
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('ReAct.onnx already exists');
  });

  it.each([
    ['--tpr', '1'],
    ['--confidence', '0'],
    ['--tpr', 'much'],
  ])('refuses %s %s', async (option, value) => {
    const ended = await cli('calibrate', 'ReAct.onnx', 'own', option, value, '--to', 'no.onnx');
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining(option)]);
  });
});
