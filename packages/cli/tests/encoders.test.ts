import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runCli } from './run-cli.ts';

/** Two encoders, heads for them, pictures, and what PyTorch makes of these: see tools/onnx/export_encoders.py. */
const encoders = fileURLToPath(new URL('encoders', import.meta.url));
/** By encoder, head and detector the scores of the pictures. */
type Expected = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>>>;
const expected = JSON.parse(readFileSync(path.join(encoders, 'expected.json'), 'utf8')) as Expected;

let folder: string;
beforeAll(async () => (folder = await mkdtemp(path.join(tmpdir(), 'farout-encoders-'))));
afterAll(() => rm(folder, { recursive: true }));

const clip = `resize: 32, crop: 32, interpolation: bicubic, sides: both,
    mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711]`;

/** An experiment on the pictures. */
async function experimentOf(name: string, backbone: string, detectors: string): Promise<string> {
  const file = path.join(folder, `${name}.yaml`);
  const sets = ['known', 'strange'].map((set) => `  ${set}: { image-folder: { root: ${path.join(encoders, set)} } }`);
  await writeFile(
    file,
    `name: t\nbackbone:\n  onnx: { ${backbone},\n    ${clip} }\ndatasets:\n${sets.join('\n')}\nid: known\nfit: known\nood: [strange]\ndetectors: ${detectors}\nmetrics: [auroc]\nstore: ${folder}/store\n`,
  );
  return file;
}

/** The scores of a run, by the name of the detector. */
async function scoresOf(experiment: string): Promise<Readonly<Record<string, readonly number[]>>> {
  const out = `${experiment}.run`;
  const { code, stderr } = await runCli(['run', experiment, '--no-report', '--out', out]);
  expect([code, stderr]).toEqual([0, expect.anything()]);
  const [heading, ...rows] = (await readFile(path.join(out, 'scores.csv'), 'utf8')).trim().split(/\r?\n/);
  const columns = rows.map((row) => row.split(','));
  return Object.fromEntries(heading!.split(',').map((name, at) => [name, columns.map((row) => Number(row[at]))]));
}

const fileOf = (name: string) => path.join(encoders, name);

const detectors = `
  MCM: mcm
  MCM-sharp: { mcm: { tau: 0.01 } }
  Energy: energy
  MSP: msp
  ReAct: [react: { c: 0.3 }, energy]
  ReAct-MCM: [react: { c: 0.3 }, mcm]
  GradNorm: gradnorm
  ODIN: { odin: { temperature: 1, magnitude: 0.01 } }`;

const heads = [
  { head: 'text.npy', file: 'text.npy', how: ', normalise: true, scale: 100' },
  { head: 'probe.safetensors', file: 'probe.safetensors', how: '' },
  { head: 'probe.safetensors normalised', file: 'probe.safetensors', how: ', normalise: true, scale: 4' },
];

describe('an encoder with a head from a file', () => {
  it.each(['cnn', 'vit'].flatMap((encoder) => heads.map((each) => ({ encoder, ...each }))))(
    'has the scores that PyTorch has: $encoder, $head',
    async ({ encoder, head, file, how }) => {
      const output = encoder === 'vit' ? ', output: embedding' : '';
      const backbone = `weights: ${fileOf(`${encoder}.onnx`)}, head: ${fileOf(`${encoder}.${file}`)}${how}${output}`;
      const scores = await scoresOf(await experimentOf(`${encoder} ${head}`, backbone, detectors));
      for (const [detector, wanted] of Object.entries(expected[encoder]![head]!)) {
        const found = scores[detector]!;
        expect(found).toHaveLength(12);
        const apart = wanted.map((score, i) => Math.abs(score - found[i]!) / Math.max(1, Math.abs(score)));
        expect({ detector, apart: Math.max(...apart) < 1e-5 ? 'less than 1e-5' : apart }).toEqual({
          detector,
          apart: 'less than 1e-5',
        });
      }
    },
  );

  it('is refused where its head is named, if that belongs to another encoder', async () => {
    const backbone = `weights: ${fileOf('cnn.onnx')}, head: ${fileOf('vit.text.npy')}`;
    const experiment = await experimentOf('mismatch', backbone, '{ MCM: mcm }');
    const { code, stderr } = await runCli(['check', experiment]);
    const column = `  onnx: { weights: ${fileOf('cnn.onnx')}, head: `.length + 1;
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(`mismatch.yaml:3:${column}  ${fileOf('vit.text.npy')}`),
    ]);
    expect(stderr).toContain('its weights (5, 20) take 20 numbers per image, but "embedding" is float32 (N, 16)');
    expect(stderr).toContain('[OOD_ARRAY_INVALID]');
  });
});
