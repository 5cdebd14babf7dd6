import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { encodePng } from '@farout/images';
import { runCli } from '../run-cli.ts';

const demo = fileURLToPath(new URL('../../../../configs/demo.yaml', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'farout-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const few = ['objects', 'validation', 'noise'].map((set) => `datasets.${set}.demo-images.count=20`);
const runTo = (out: string, ...overrides: string[]) =>
  runCli(
    [
      'run',
      demo,
      '--no-report',
      '--out',
      out,
      ...['store=store', 'ood=[noise]', ...few, ...overrides].flatMap((each) => ['--set', each]),
    ],
    { cwd: folder },
  );

/** Pictures of one shade each, two of every source that differ by one level, in a list that names the sources and in one that does not. */
function writePictures(set: string, count: number): void {
  mkdirSync(path.join(folder, set));
  const lines = Array.from({ length: count }, (_, at) => {
    const source = Math.floor(at / 2);
    const shade = (source * 29 + (set === 'in' ? 0 : 13)) % 200;
    const data = Uint8Array.from({ length: 32 * 32 * 3 }, (__, i) => shade + (at % 2) + ((source * (i % 3)) % 50));
    writeFileSync(path.join(folder, set, `${at}.png`), encodePng({ width: 32, height: 32, data }));
    return `${at}.png\t0\tsource ${source}`;
  });
  writeFileSync(path.join(folder, set, 'sources.txt'), lines.join('\n'));
  writeFileSync(path.join(folder, set, 'plain.txt'), lines.join('\n').replaceAll(/\tsource \d+/g, ''));
}

/** How wide the interval of the difference is that a comparison shows, in points. */
function widthIn(stdout: string): number {
  const [, low, high] = /([+-]?\d+\.\d\d) to ([+-]?\d+\.\d\d)/.exec(stdout.split('on the same images')[1]!)!;
  return Number(high) - Number(low);
}

describe('farout compare', () => {
  it('prints the detectors of all runs in one table, each run called as it was written', async () => {
    await runTo('first');
    await runTo('second', 'detectors={Energy: {energy: {temperature: 2}}}');
    const { code, stdout, stderr } = await runCli(['compare', 'first', './second'], { cwd: folder });
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^first +ID accuracy .*\n\.\/second +ID accuracy /);
    const rows = [
      ...stdout
        .split('AUROC ↑')[1]!
        .split('AUPR')[0]!
        .matchAll(/^ (\S.*?) {2,}\d/gm),
    ].map(([, row]) => row);
    expect(rows).toEqual([
      'MSP, first',
      'MaxLogit, first',
      'Energy, first',
      'Energy, ./second',
      'ReAct, first',
      'ReAct + MSP, first',
    ]);
  });

  it('tests the differences between runs on the same images, and has a word where they are not', async () => {
    const many = (...overrides: string[]) =>
      ['objects', 'noise'].map((set) => `datasets.${set}.demo-images.count=40`).concat(overrides);
    const detectors = (parameters: string) => `detectors={Energy: {energy: ${parameters}}, MSP: msp}`;
    await runTo('warm', ...many(detectors('{temperature: 1}')));
    await runTo('hot', ...many(detectors('{temperature: 50}')));
    await runTo('other', ...many('datasets.objects.demo-images.seed=77', detectors('{temperature: 1}')));
    const { stdout } = await runCli(['compare', 'warm', 'hot', 'other'], { cwd: folder });
    expect(stdout).toMatch(/^AUROC minus that of warm, in points, on the same images$/m);
    expect(stdout).toMatch(/^ {2}Energy +hot +noise +[+-]\d+\.\d\d +[+-]\d+\.\d\d to [+-]\d+\.\d\d +/m);
    expect(stdout).toMatch(/^ {2}MSP +hot +noise +0\.00 +same ranking +1\.0000 +1\.0000$/m);
    expect(stdout).toContain('Differences between warm and other are not tested: their ID images differ.');
  });

  it('takes images of one source together, as their list says', async () => {
    for (const set of ['in', 'out']) writePictures(set, 66);
    const sets = (list: string) =>
      ['in', 'out'].map((set) => `datasets.${set}={image-list: {list: ${path.join(folder, set, list)}}}`);
    const run = (out: string, temperature: number, list: string) => {
      const detectors = `detectors={Energy: {energy: {temperature: ${temperature}}}}`;
      return runTo(out, ...sets(list), 'id=in', 'ood=[out]', 'groups={}', 'published={}', detectors);
    };
    const [grouped, alone] = ['sources.txt, group: 3', 'plain.txt'].map((list) => async (out: string) => {
      await run(`${out}-warm`, 1, list);
      await run(`${out}-hot`, 50, list);
      const { stdout } = await runCli(['compare', `${out}-warm`, `${out}-hot`], { cwd: folder });
      return { stdout, width: widthIn(stdout) };
    });
    const [one, other] = [await grouped!('grouped'), await alone!('alone')];
    expect(one.stdout.replace(/\s+/g, ' ')).toContain('They treat images of one source as one unit.');
    expect(other.stdout.replace(/\s+/g, ' ')).toContain('They treat images as independent.');
    // Two images of a source are alike: they say less than two of their own.
    expect(one.width / other.width).toBeGreaterThan(1.2);
    expect(readFileSync(path.join(folder, 'grouped-hot', 'scores.csv'), 'utf8')).toMatch(
      /^dataset,image,label,predicted,class,group,Energy\r\nin,0\.png,0,\d+,[a-z]+,source 0,/,
    );
  });

  it('refuses a folder that holds no run', async () => {
    const { code, stderr } = await runCli(['compare', 'nowhere'], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain('[OOD_RUN_UNREADABLE]');
  });
});
