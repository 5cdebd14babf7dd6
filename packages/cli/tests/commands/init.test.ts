import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodePng } from '@farout/images';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { firstExperiment } from '../../src/commands/init.ts';
import { runCli } from '../run-cli.ts';

const classifier = fileURLToPath(new URL('../classifiers/convnext.onnx', import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'farout-init-'));
  for (const set of ['known', 'strange']) {
    mkdirSync(path.join(folder, set));
    for (let i = 0; i < 3; i++) {
      const data = new Uint8Array(40 * 40 * 3).fill(set === 'known' ? 60 * i : 255 - 60 * i);
      writeFileSync(path.join(folder, set, `${i}.png`), encodePng({ width: 40, height: 40, data }));
    }
  }
  cpSync(classifier, path.join(folder, 'net.onnx'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('farout init', () => {
  it('writes an experiment that runs, for folders and a classifier of the user', async () => {
    const words = ['init', 'known', '--ood', 'strange', '--weights', 'net.onnx', '--to', 'my.yaml'];
    const { code, stdout, stderr } = await runCli(words, { cwd: folder });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/farout check my\.yaml .*at most two images of each set\n/);
    expect(stdout).toContain('farout run my.yaml');
    const size = ['--set', 'backbone.onnx.crop=32', '--set', 'backbone.onnx.resize=32', '--set', 'store=store'];
    const run = await runCli(['run', 'my.yaml', ...size], { cwd: folder });
    expect({ code: run.code, table: run.stdout.includes('ReAct') }).toEqual({ code: 0, table: true });
  });

  it('names the schema that farout schema writes beside it', async () => {
    expect(firstExperiment({ name: 'a', images: 'b', ood: [], weights: undefined })).toMatch(
      /^# yaml-language-server: \$schema=experiment\.schema\.json\n/,
    );
    expect(await runCli(['schema'], { cwd: folder })).toMatchObject({
      code: 0,
      stdout: 'Wrote experiment.schema.json\n',
    });
    const written: unknown = JSON.parse(readFileSync(path.join(folder, 'experiment.schema.json'), 'utf8'));
    expect(written).toMatchObject({ title: 'farout experiment' });
  });

  it('says where the schema of the editor cannot be written', async () => {
    const { code, stderr } = await runCli(['schema', '--to', 'absent/a.json'], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^absent\/a\.json cannot be written \(ENOENT\)\n.*--to/);
  });

  it('replaces a schema that farout wrote, and no other file, nor one that was changed', async () => {
    const file = path.join(folder, 'own.json');
    const schema = () => runCli(['schema', '--to', 'own.json'], { cwd: folder });
    expect(await schema()).toMatchObject({ code: 0 });
    const text = readFileSync(file, 'utf8');
    expect(await schema()).toMatchObject({ code: 0 });
    for (const other of ['mine', '{}', text.replace('"type"', '"tpye"')]) {
      writeFileSync(file, other);
      const { code, stderr } = await schema();
      expect(code).toBe(2);
      expect(stderr).toMatch(/^own\.json already exists, and was not written by farout\n.*\n\[OOD_BAD_COMMAND\]\n$/);
      expect(readFileSync(file, 'utf8')).toBe(other);
    }
  });

  it('never writes over a file', async () => {
    writeFileSync(path.join(folder, 'experiment.yaml'), 'mine');
    const { code, stderr } = await runCli(['init', 'known'], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toBe('experiment.yaml already exists\nChoose another file with --to.\n[OOD_BAD_COMMAND]\n');
    expect(readFileSync(path.join(folder, 'experiment.yaml'), 'utf8')).toBe('mine');
  });

  it.each([
    ['a folder', ['init', 'absent'], 'there is no folder absent'],
    ['an OOD folder', ['init', 'known', '--ood', 'absent'], 'there is no folder absent'],
    ['a classifier', ['init', 'known', '--weights', 'absent.onnx'], 'there is no file absent.onnx'],
  ])('misses %s that is not there', async (_, words, message) => {
    const { code, stderr } = await runCli(words, { cwd: folder });
    expect({ code, first: stderr.split('\n')[0] }).toEqual({ code: 2, first: message });
  });
});

describe('firstExperiment', () => {
  const first = { name: 'my', images: 'known', ood: [], weights: undefined };

  it('takes images that farout draws where the user has no others', () => {
    const { ood, datasets } = parse(firstExperiment(first)) as { ood: string[]; datasets: object };
    expect(ood).toEqual(['noise', 'textures']);
    expect(Object.keys(datasets)).toEqual(['known', 'fit-known', 'noise', 'textures']);
  });

  it.each(['no', '.5', '2024', 'a: b', "it's # odd", '../up/{x}', 'ünïcode', '- dash'])(
    'writes any name so that YAML reads it back: %s',
    (name) => {
      const written = parse(firstExperiment({ ...first, name, images: name, ood: [name] })) as {
        name: string;
        datasets: Record<string, { 'image-folder': { root: string } }>;
        id: string;
        ood: string[];
      };
      expect(written.name).toBe(name);
      expect(written.datasets[written.id]!['image-folder'].root).toBe(name);
      expect([written.id, ...written.ood]).toEqual([path.basename(name), `${path.basename(name)}-2`]);
    },
  );

  it('gives folders of the same name names of their own', () => {
    const { ood } = parse(firstExperiment({ ...first, ood: ['a/known', 'b/sun', 'c/sun'] })) as { ood: string[] };
    expect(ood).toEqual(['known-2', 'sun', 'sun-2']);
  });
});
