import { cpSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { Replica } from './replica.ts';
import { runCli } from './run-cli.ts';

const datasets = fileURLToPath(new URL('../../../datasets', import.meta.url));
const clone = new Replica();
for (const name of readdirSync(datasets).filter((each) => each.endsWith('.yaml')))
  cpSync(path.join(datasets, name), clone.path(`datasets/${name}`));
afterAll(() => clone.remove());

/** What `farout run` says, line by line, where only the repository is there. */
async function said(experiment: string): Promise<string[]> {
  const env = { FAROUT_CACHE: clone.path('cache') };
  const { code, stdout, stderr } = await runCli(['run', experiment], { cwd: clone.folder, env });
  expect([code, stdout]).toEqual([2, '']);
  return stderr.trimEnd().split('\n');
}

const experiments = ['resnet50', 'mobilenet-v2'].flatMap((network) => [
  `configs/imagenet-${network}.yaml`,
  `configs/imagenet-${network}-mahalanobis.yaml`,
]);

describe('an experiment of the repository on a machine that has nothing', () => {
  it('says what is missing, what gets it, and what is placed by hand: the table of the paper', async () => {
    const folder = clone.path('datasets/id_data/ILSVRC-2012');
    expect(await said('configs/imagenet-resnet50.yaml')).toEqual([
      'configs/imagenet-resnet50.yaml needs 6 items that are not on this machine:',
      '  resnet50      102.5 MB            BSD-3-Clause (torchvision)',
      "  imagenet-val  6.7 GB, by hand     ImageNet's terms of access, for non-commercial research and edu…",
      '  inaturalist   size not published  none stated for the selection',
      '  sun           size not published  none stated for the selection',
      '  places        size not published  none stated for the selection',
      '  textures      625.2 MB            made available for research by the publisher',
      'Get 5 of them, verified (727.8 MB and 3 of unknown size):',
      '    farout pull configs/imagenet-resnet50.yaml',
      '  --dry-run only shows addresses, sizes and terms. "run --pull" downloads them and then runs.',
      "  Accept the terms of imagenet-val on its publisher's page:",
      '    https://image-net.org/download.php',
      '  Put ILSVRC2012_img_val.tar (6.7 GB; MD5 29b22e2961454d5413ddabcf34fc5622) into',
      `    ${folder}`,
      '  and pull again, which unpacks it. If you have it unpacked, make this a link to its folder:',
      `    ${folder}/val`,
      '[OOD_NOT_PULLED]',
    ]);
  });

  it.each([...experiments, 'configs/openood-imagenet.yaml'])('says it on one screen: %s', async (experiment) => {
    const lines = await said(experiment);
    expect(lines.at(-1)).toBe('[OOD_NOT_PULLED]');
    expect(lines.length).toBeLessThanOrEqual(24);
    const widest = Math.max(...lines.filter((line) => !line.includes(clone.folder)).map(({ length }) => length));
    expect(widest).toBeLessThanOrEqual(100);
  });
});
