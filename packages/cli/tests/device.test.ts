import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { resolveDevice } from '@farout/runtime';
import { afterAll, describe, expect, it } from '@jest/globals';
import { runCli } from './run-cli.ts';

const demo = fileURLToPath(new URL('../../../configs/demo.yaml', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'farout-device-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What Vulkan's loader reads in place of the installed drivers: there is none. */
const env = { VK_ICD_FILENAMES: '/nowhere/driver.json', VK_DRIVER_FILES: '/nowhere/driver.json' };
const few = ['objects', 'validation', 'noise'].flatMap((set) => ['--set', `datasets.${set}.demo-images.count=20`]);
const on = (command: 'run' | 'check', device: string, ...more: string[]) =>
  runCli(
    [command, demo, ...few, '--set', 'ood=[noise]', '--set', 'store=store', '--set', `device=${device}`, ...more],
    {
      cwd: folder,
      env,
    },
  );

const hasCuda = await resolveDevice('cuda').then(
  () => true,
  () => false,
);
const withoutCuda = hasCuda ? it.skip : it;

describe.each(['run', 'check'] as const)('farout %s --set device=', (command) => {
  it.each(['tpu', 'CUDA'])('%s, which is no device, is refused where it stands, with the devices', async (device) => {
    const { code, stdout, stderr } = await on(command, device);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`--set:1:8  "device" must be one of cpu, cuda, webgpu, auto, but is "${device}"\n`);
    expect(stderr).toContain('[OOD_DEVICE_UNAVAILABLE]');
  });

  it('webgpu without an adapter is refused where it stands, with what is lacking', async () => {
    const { code, stdout, stderr } = await on(command, 'webgpu');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('--set:1:8  the device "webgpu" cannot be used here: Failed to get a WebGPU adapter');
    expect(stderr).toContain('Vulkan driver');
    expect(stderr).toContain('[OOD_DEVICE_UNAVAILABLE]');
  });

  withoutCuda('cuda without its libraries is refused where it stands, with the command that fetches them', async () => {
    const { code, stdout, stderr } = await on(command, 'cuda');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('--set:1:8  the device "cuda" cannot be used here: ');
    expect(stderr).toMatch(
      /=true node \S*node_modules\/onnxruntime-node\/script\/install\.js;|=true node "[^"]+\/install\.js";/,
    );
    expect(stderr).toContain('[OOD_DEVICE_UNAVAILABLE]');
  });
});

describe('--set device=auto where there is no card', () => {
  withoutCuda('runs on the CPU, which is said and stands in the results', async () => {
    const { code, stderr } = await on('run', 'auto', '--no-report');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^Networks run on cpu, the first of cuda, webgpu and cpu that works here\.$/m);
    const results = readFileSync(path.join(folder, 'runs', 'demo', 'results.json'), 'utf8');
    expect(JSON.parse(results)).toMatchObject({ device: 'cpu' });
  });

  withoutCuda('is told by a check', async () => {
    expect((await on('check', 'auto')).stdout).toMatch(/^ {2}device +cpu$/m);
  });
});
