import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runCli } from './run-cli.ts';

/** ONNX files that once ended `check` or `run` as a fault of farout. Without them the tests are skipped. */
const shared = process.env.FAROUT_DATA ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url));
const faults = path.join(shared, 'faults');
const itWithFaults = existsSync(faults) ? it : it.skip;
const external = fileURLToPath(new URL('classifiers/external_data.bin', import.meta.url));

let folder: string;
beforeAll(async () => (folder = await mkdtemp(path.join(tmpdir(), 'farout-test-'))));
afterAll(() => rm(folder, { recursive: true }));

/** An experiment over one of these files. */
async function experimentOf(file: string, detectors: string): Promise<string> {
  const folders = Object.entries({ known: 'classes-empty', strange: 'elsewhere' }).map(
    ([name, root]) => `  ${name}: { image-folder: { root: ${path.join(faults, 'reports', root)} } }`,
  );
  const experiment = path.join(folder, `${path.basename(file)}.yaml`);
  await writeFile(
    experiment,
    `name: t\nbackbone: { onnx: { weights: ${file}, resize: 32, crop: 32 } }\ndatasets:\n${folders.join('\n')}\nid: known\nood: [strange]\ndetectors: ${detectors}\nstore: ${folder}/store\n`,
  );
  return experiment;
}

describe('an ONNX file', () => {
  itWithFaults.each([
    ['reports/c-file-cannot-run.onnx', /onnxruntime cannot run it: .*Dilation not supported/],
    ['attacks/layer-norm-empty-bias.onnx', /onnxruntime cannot open it: its process ended \(SIG[A-Z]+\)/],
  ])('is refused by check with exit code 2: %s', async (name, says) => {
    const file = path.join(folder, path.basename(name));
    await copyFile(path.join(faults, name), file);
    await copyFile(external, path.join(folder, 'external_data.bin'));
    const { code, stderr } = await runCli(['check', await experimentOf(file, '{ MSP: msp }')]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(says)]);
    expect(stderr).toContain('[OOD_ONNX_REFUSED]');
  });

  itWithFaults.each(['c-float16-input', 'c-fixed-batch-einsum', 'c-argmax-only', 'd-and-where'])(
    'is run, with and without a gradient: %s',
    async (name) => {
      const experiment = await experimentOf(
        path.join(faults, 'reports', `${name}.onnx`),
        '{ MaxLogit: max-logit, ODIN: odin }',
      );
      const { code, stderr } = await runCli(['run', experiment, '--no-report', '--out', path.join(folder, name)]);
      expect([code, stderr]).toEqual([0, expect.anything()]);
      const [heading, ...rows] = (await readFile(path.join(folder, name, 'scores.csv'), 'utf8')).trim().split(/\r?\n/);
      expect(heading).toMatch(/MaxLogit,ODIN$/);
      expect(rows).toHaveLength(3);
    },
  );
});
