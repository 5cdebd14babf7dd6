import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { runCli } from './run-cli.ts';

const ofAnotherNetwork = fileURLToPath(new URL('../../demo/weights/demo-resnet.pth', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'farout-checkpoint-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const experiment = `name: mistaken
backbone:
  resnet50: { weights: ${JSON.stringify(ofAnotherNetwork)} }
datasets:
  objects: { demo-images: { set: objects, count: 8, seed: 3 } }
  noise: { demo-images: { set: noise, count: 8, seed: 3 } }
id: objects
ood: [noise]
detectors: { Energy: energy }
store: store
`;

describe('a checkpoint of another network', () => {
  it.each(['check', 'run'])('is refused by %s at the place of the weights: exit code 2, no stack', async (command) => {
    writeFileSync(path.join(folder, 'mistaken.yaml'), experiment);
    const { code, stdout, stderr } = await runCli([command, 'mistaken.yaml'], { cwd: folder });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^mistaken\.yaml:3:24 {2}.*demo-resnet\.pth/m);
    expect(stderr).toContain(`> 3 |   resnet50: { weights: `);
    expect(stderr).toMatch(/\[OOD_CHECKPOINT_MISMATCH\]\n$/);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
