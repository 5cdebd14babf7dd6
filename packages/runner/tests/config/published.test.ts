import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { definePlugin, describeError, type FaroutError } from '@farout/core';
import { pathToFileURL } from 'node:url';
import { ForeignFiles } from '../../src/extraction/trials.ts';
import { openBackbone } from '../../src/prepare/backbone.ts';
import { editorSchema } from '../../src/config/editor-schema.ts';
import { loadCatalogue } from '../../src/plugins/load.ts';
import { builtIn, correct, experimentFolder, folderOf, load, mistakesIn, summary } from './fixture.ts';

const bare = correct.replace('  tiny: { weights: model.pth }', '  tiny: { crop: 32 }');
const weights = 'weights of a network';
const place = 'pulled/@test/parts/models/tiny-0123abcd.pth';

let before: string | undefined;
beforeAll(() => void (before = process.env.FAROUT_CACHE));
afterAll(() => {
  if (before === undefined) delete process.env.FAROUT_CACHE;
  else process.env.FAROUT_CACHE = before;
});

/** A cache folder with these files. */
function cacheWith(files: Readonly<Record<string, string>>): string {
  process.env.FAROUT_CACHE = folderOf({ 'here.txt': '', ...files });
  return process.env.FAROUT_CACHE;
}

const sha256 = createHash('sha256').update(weights).digest('hex');
const manifest = readFileSync(new URL('./plugin/models/tiny.yaml', import.meta.url), 'utf8');

/** The parts of the fixture with another manifest of its backbone's weights. */
function withManifest(text: string, name = 'tiny') {
  const manifests = pathToFileURL(`${folderOf({ [`models/${name}.yaml`]: text })}/`);
  return [{ plugin: definePlugin({ ...builtIn, manifests }), version: '1.2.3' }];
}

const right = manifest.replace('0123abcd\n', `${sha256.slice(0, 8)}\n`).replace('1500', String(weights.length));

describe('a backbone whose weights the experiment does not name', () => {
  it('takes the published ones from the cache, by the name of the plugin', async () => {
    const cache = cacheWith({ [place]: weights });
    const { backbone, resolved } = await load(experimentFolder(bare));
    expect(backbone.params).toMatchObject({ weights: join(cache, place), crop: 32 });
    expect(resolved).toMatchObject({ backbone: { tiny: { weights: join(cache, place) } } });
  });

  it('says what is missing, from where it is to be had, how large it is, and under which terms', async () => {
    const cache = cacheWith({});
    const [error] = await mistakesIn(experimentFolder(bare));
    expect(error).toMatchObject({ code: 'OOD_MISSING_WEIGHTS', missing: join(cache, place) });
    expect(describeError(error!)).toContain(
      'Load tiny-0123abcd.pth (1.5 kB; SHA-256 0123abcd…) from https://weights.example/tiny-0123abcd.pth, under CC0-1.0. ' +
        'Or: Set "weights" to a file of your own.',
    );
  });

  it.each([
    ['malformed', 'source: { title: 1 }', 'OOD_MANIFEST_INVALID'],
    ['of another name', manifest, 'OOD_PLUGIN_INVALID'],
  ])('is refused where the manifest is %s', async (_, text, code) => {
    cacheWith({});
    const builtIns = withManifest(text, code === 'OOD_PLUGIN_INVALID' ? 'other' : 'tiny');
    expect((await mistakesIn(experimentFolder(bare), { builtIns }))[0]?.code).toBe(code);
  });

  it('need not name any in an editor either', async () => {
    const catalogue = await loadCatalogue({ builtIns: [{ plugin: builtIn, version: '1.2.3' }], plugins: [] });
    const { $defs } = editorSchema(catalogue) as { $defs: { backbone: object } };
    expect(JSON.stringify($defs.backbone)).not.toContain('"required":["weights"]');
    expect(JSON.stringify($defs.backbone)).toContain('"description":"the checkpoint"');
  });
});

describe('published weights', () => {
  /** Opens the backbone of the fixture, which opens nothing: what is wrong with its weights is found before. */
  async function opened(content: string, text: string): Promise<FaroutError> {
    cacheWith({ [place]: content });
    const experiment = await load(experimentFolder(bare), { builtIns: withManifest(text) });
    const files = new ForeignFiles();
    const error: unknown = await openBackbone(experiment, files).catch((caught: unknown) => caught);
    await files.close();
    return error as FaroutError;
  }

  it('are verified before they are opened, and then always the same', async () => {
    expect(await opened(weights, right)).toMatchObject({ code: 'OOD_PLUGIN_FAILED' });
    const lock = join(process.env.FAROUT_CACHE!, 'pulled/@test/parts/models/tiny.lock.json');
    expect(JSON.parse(readFileSync(lock, 'utf8'))).toEqual({
      'tiny-0123abcd.pth': { size: weights.length, sha256 },
    });
  });

  it.each([
    ['of another size', `${weights}s`, right, 'it has 21 bytes instead of 20'],
    ['with other digits', weights.replace('a', 'b'), right, `instead of ${sha256.slice(0, 8)}`],
    [
      'that are damaged',
      weights.replace('a', 'b'),
      right.replace('sha256Begins: ', 'sha256: ').replace(sha256.slice(0, 8), sha256),
      sha256,
    ],
  ])('%s are refused at the place of the backbone', async (_, content, text, fault) => {
    const error = await opened(content, text);
    expect(error).toMatchObject({ code: 'OOD_CONTENT_MISMATCH', place: { line: 3 } });
    expect(error.message).toContain(fault);
  });
});

describe('a plugin with manifests', () => {
  const define = (manifests: unknown) => [
    { plugin: definePlugin({ ...builtIn, manifests: manifests as URL }), version: '1' },
  ];

  it('is refused where the folder has none', async () => {
    const [error] = await mistakesIn(experimentFolder(correct), {
      builtIns: define(pathToFileURL(`${folderOf({})}/`)),
    });
    expect(error).toMatchObject({ code: 'OOD_PLUGIN_INVALID' });
    expect(error!.message).toMatch(/^the plugin "@test\/parts" has no manifests: /);
  });

  it('defines datasets for experiments, whose paths are in the cache', async () => {
    const cache = cacheWith({ 'pulled/@test/parts/datasets/roses/a.jpg': '' });
    const folder = folderOf({
      'models/tiny.yaml': manifest,
      'datasets/roses.yaml': `image-folder: { root: roses }\n${manifest.replace('role: weights', 'role: ood')}`,
    });
    const yaml = correct.replace('[textures, sun]', '[textures, roses]');
    const request = { builtIns: define(pathToFileURL(`${folder}/`)) };
    const { datasets } = await load(experimentFolder(yaml), request);
    expect(datasets.get('roses')!.params.root).toBe(join(cache, 'pulled/@test/parts/datasets/roses'));
    const files = { 'datasets/roses.yaml': 'image-folder: { root: ../images/sun }' };
    const own = experimentFolder(yaml, files);
    expect((await load(own, request)).datasets.get('roses')!.params.root).toBe(join(own, 'images/sun'));
    const unknown = await mistakesIn(experimentFolder(yaml.replace('roses]', 'rosse]')), request);
    expect(summary(unknown)).toEqual(['experiment.yaml:13:17 OOD_UNKNOWN_DATASET']);
    expect(unknown[0]!.fix).toBe('Did you mean "roses"?');
    expect(unknown[0]!.choices?.names).not.toContain('tiny');
  });

  it('clashes with another that brings one of the same name', async () => {
    const [one, other] = [withManifest(manifest)[0]!, withManifest(manifest)[0]!];
    const names = {
      backbones: undefined,
      hooks: undefined,
      scorers: undefined,
      datasets: undefined,
      metrics: undefined,
    };
    const second = definePlugin({ name: 'other', manifests: other.plugin.manifests!, ...(names as object) });
    const loading = loadCatalogue({ builtIns: [one, { plugin: second, version: '2' }], plugins: [] });
    await expect(loading).rejects.toMatchObject({
      code: 'OOD_PLUGIN_CLASH',
      message: 'other 2 and @test/parts 1.2.3 both provide a manifest "tiny"',
    });
  });
});
