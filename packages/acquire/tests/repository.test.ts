import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { manifestsAround, manifestsOf, manifestsPage, readManifest, type Manifest } from '@farout/acquire';

const root = path.resolve(import.meta.dirname, '..', '..', '..');

/** Those beside the experiments, and those that the backbones bring. */
async function repository(): Promise<readonly Manifest[]> {
  const brought = await manifestsOf(path.join(root, 'packages', 'backbones'), root);
  const weights = await Promise.all(brought.map(readManifest));
  return [...(await manifestsAround(root)).values(), ...weights.filter((manifest) => manifest !== undefined)];
}

describe('the manifests of the repository', () => {
  it('are those of the paper, each with its licence, its page, and where it was found', async () => {
    const all = await repository();
    const paper = ['imagenet-val', 'inaturalist', 'sun', 'places', 'textures', 'resnet50', 'mobilenet-v2'];
    expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining(paper));
    for (const { name, source } of all) {
      const [checksum] = source.files.map(({ sha256: full, sha256Begins, md5 }) => full ?? sha256Begins ?? md5);
      expect([name, checksum ?? source.found.at(-1)]).toEqual([
        name,
        expect.stringMatching(/^[0-9a-f]{8,}$|^no checksum/),
      ]);
      expect(source.license.length).toBeGreaterThan(2);
    }
  });

  it('are what docs/datasets.md shows; `npm run datasets` writes it', async () => {
    const page = readFileSync(path.join(root, 'docs', 'datasets.md'), 'utf8');
    expect(page).toBe(manifestsPage(await repository()));
  });
});
