import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { FaroutErrors, type FaroutError } from '@farout/core';
import { manifestsAround, manifestsFor, planLines, planPull, pull, type Manifest } from '@farout/acquire';
import { tar } from './archives/made-tar.ts';
import { endAll, server, sha256, temporaryFolder } from './parts/downloads.ts';
import { quick } from './parts/quick.ts';
import { sendFile } from './parts/server.ts';

afterEach(endAll);

const images = gzipSync(tar({ name: 'set/a/one.jpg', content: 'one' }, { name: 'set/b/two.png', content: 'two' }));
const weights = Buffer.from('weights');
const about = {
  title: 'A set',
  license: 'CC0-1.0',
  page: 'https://example.org/terms',
  role: 'ood',
  layout: 'set/<class>/<image>',
  citation: 'Nobody, nowhere',
  found: ['the page'],
};

/** A folder with manifests in `datasets`. */
async function folderWith(sources: Readonly<Record<string, unknown>>): Promise<{ folder: string; all: Manifest[] }> {
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, 'datasets'));
  for (const [name, source] of Object.entries(sources))
    writeFileSync(path.join(folder, 'datasets', `${name}.yaml`), JSON.stringify({ source }));
  return { folder: path.join(folder, 'datasets'), all: [...(await manifestsAround(folder)).values()] };
}

/** Pulls; gives the errors, what was said, and how far the display came. */
async function pulled(manifests: readonly Manifest[], env: Readonly<Record<string, string>> = {}) {
  const said: string[] = [];
  const say = (sentence: string) => void said.push(sentence);
  let shown = '';
  const progress = {
    start: (stage: string, total: number, _: number, unit = '') => void (shown = `${stage} ${total} ${unit}`),
    advance: () => undefined,
    stop: () => undefined,
  };
  const options = {
    env,
    signal: new AbortController().signal,
    logger: { info: say, warn: say },
    progress,
    ...quick,
  };
  try {
    await pull(manifests, options);
    return { errors: [], said, shown };
  } catch (error) {
    const errors = error instanceof FaroutErrors ? error.errors : [error as FaroutError];
    return { errors, said, shown };
  }
}

const files = () =>
  server((request, response) => {
    if (request.url === '/set.tar.gz') sendFile(request, response, images, { etag: '"it"' });
    else if (request.url === '/weights.pth') sendFile(request, response, weights);
    else response.writeHead(404).end();
  });

const setOf = (origin: string, further = {}) => ({
  ...about,
  images: 2,
  files: [
    {
      path: 'set.tar.gz',
      addresses: [`${origin}/set.tar.gz`],
      unpack: { folder: 'out/set', strip: 'set', images: 2 },
      ...further,
    },
  ],
});

describe('pull', () => {
  it('gets what is not there, unpacks it, and does nothing the second time', async () => {
    const { origin, requests } = await files();
    const file = { path: 'weights.pth', size: 7, sha256: sha256(weights), addresses: [`${origin}/weights.pth`] };
    const { folder, all } = await folderWith({
      set: setOf(origin, { size: images.length }),
      weights: { ...about, role: 'weights', files: [file] },
    });
    const { errors, said, shown } = await pulled(all);
    expect(errors).toEqual([]);
    expect(readFileSync(path.join(folder, 'out', 'set', 'a', 'one.jpg'), 'utf8')).toBe('one');
    expect(readdirSync(folder).sort()).toEqual(['out', 'set.lock.json', 'set.yaml', 'weights.pth', 'weights.yaml']);
    expect(said).toContain('weights.pth: its SHA-256 is correct');
    expect(said).toContain('out/set: 2 files, 2 of which are images');
    expect(shown).toBe('pull 1 MB');
    expect(await pulled(all)).toMatchObject({ errors: [], said: ['weights.pth: its SHA-256 is correct'] });
    expect(requests.length).toBe(2);
    writeFileSync(path.join(folder, 'weights.pth'), 'others');
    expect((await pulled(all)).errors[0]?.message).toMatch(/weights.pth is not weights.pth: it has 6 bytes/);
  });

  it('says before what it would do, how large it is, under which terms', async () => {
    const { origin, requests } = await files();
    const { folder, all } = await folderWith({ set: setOf(origin, { size: 1_500_000 }) });
    expect(planLines(await planPull(all))).toEqual([
      'set: A set',
      `  to be downloaded: ${folder}/out/set`,
      '  size: 1.5 MB',
      `  from: ${origin}/set.tar.gz`,
      '  terms: CC0-1.0; https://example.org/terms',
      'In total: 1 file, 1.5 MB',
    ]);
    expect(requests).toEqual([]);
  });

  it('writes down what it saw where no full SHA-256 is published, for the next machine to compare', async () => {
    const { origin } = await files();
    const first = await folderWith({ set: setOf(origin) });
    const { said } = await pulled(first.all);
    expect(said[0]).toMatch(
      /^set.tar.gz: it has no published checksum; what was downloaded is recorded in the lock file/,
    );
    const lock = readFileSync(path.join(first.folder, 'set.lock.json'), 'utf8');
    const from = `${origin}/set.tar.gz`;
    expect(JSON.parse(lock)).toEqual({ 'set.tar.gz': { size: images.length, sha256: sha256(images), from } });

    const second = await folderWith({ set: setOf(origin) });
    writeFileSync(path.join(second.folder, 'set.lock.json'), lock);
    expect((await pulled(second.all)).said[0]).toMatch(/it is the same file as on another machine/);

    const third = await folderWith({ set: setOf(origin) });
    writeFileSync(path.join(third.folder, 'set.lock.json'), lock.replaceAll(/"[0-9a-f]{64}"/g, `"${'0'.repeat(64)}"`));
    const { errors } = await pulled(third.all);
    expect(errors.map(({ code }) => code)).toEqual(['OOD_CONTENT_MISMATCH']);
    expect(existsSync(path.join(third.folder, 'out', 'set'))).toBe(false);
  });

  it('says that eight digits and MD5 guard against accidents only', async () => {
    const { origin } = await files();
    const { all } = await folderWith({ set: setOf(origin, { sha256Begins: sha256(images).slice(0, 8) }) });
    expect((await pulled(all)).said[0]).toMatch(
      /first eight digits of its SHA-256: correct, which protects only against accidents/,
    );
  });

  it('leaves nothing of an archive with another number of images', async () => {
    const { origin } = await files();
    const { folder, all } = await folderWith({
      set: { ...setOf(origin, { unpack: { folder: 'out/set', images: 3 } }), images: 3 },
    });
    const { errors } = await pulled(all);
    expect(errors[0]?.message).toBe('the archive of set has 2 images instead of 3');
    expect(readdirSync(path.join(folder, 'out'))).toEqual([]);
  });

  it('says how what needs a person’s consent is placed, gets the rest, and unpacks it once it is there', async () => {
    const { origin } = await files();
    const { folder, all } = await folderWith({
      manual: { ...setOf(origin, { unpack: { folder: 'out/manual', strip: 'set' } }), accept: 'manual' },
      set: setOf(origin, { path: 'other.tar.gz' }),
    });
    const { errors } = await pulled(all);
    expect(errors.map(({ code }) => code)).toEqual(['OOD_TERMS']);
    expect(errors[0]?.fix?.split('\n')).toEqual([
      "Accept the terms of manual on its publisher's page:",
      '    https://example.org/terms',
      '  Put set.tar.gz into',
      `    ${folder}`,
      '  and pull again, which unpacks it. If you have it unpacked, make this a link to its folder:',
      `    ${path.join(folder, 'out', 'manual')}`,
    ]);
    expect(existsSync(path.join(folder, 'out', 'set'))).toBe(true);
    writeFileSync(path.join(folder, 'set.tar.gz'), images);
    expect((await pulled(all)).errors).toEqual([]);
    expect(existsSync(path.join(folder, 'out', 'manual', 'a', 'one.jpg'))).toBe(true);
    expect(existsSync(path.join(folder, 'set.tar.gz'))).toBe(true);
  });

  it('asks nothing where nothing may be asked, and says where to place what; what is placed is verified and unpacked', async () => {
    const { origin, requests } = await files();
    const file = { path: 'weights.pth', size: 7, sha256: sha256(weights), addresses: [`${origin}/weights.pth?key=1`] };
    const { folder, all } = await folderWith({
      set: setOf(origin),
      weights: { ...about, role: 'weights', files: [file] },
    });
    const { errors } = await pulled(all, { FAROUT_OFFLINE: '1' });
    expect(errors.map(({ code, message }) => [code, message])).toEqual([
      ['OOD_OFFLINE', '2 files are missing, and network access is turned off'],
    ]);
    expect(errors[0]?.fix?.split('\n')).toEqual([
      'Put them in place by hand, then run the same command again:',
      `  ${path.join(folder, 'set.tar.gz')}`,
      '    no published checksum',
      `    from ${origin}/set.tar.gz`,
      `  ${path.join(folder, 'weights.pth')}`,
      `    7 bytes, SHA-256 ${sha256(weights)}`,
      `    from ${origin}/weights.pth`,
    ]);
    writeFileSync(path.join(folder, 'set.tar.gz'), images);
    writeFileSync(path.join(folder, 'weights.pth'), weights);
    expect(await pulled(all, { FAROUT_OFFLINE: '1' })).toMatchObject({ errors: [] });
    expect(existsSync(path.join(folder, 'out', 'set', 'a', 'one.jpg'))).toBe(true);
    // What a person has placed is theirs.
    expect(existsSync(path.join(folder, 'set.tar.gz'))).toBe(true);
    expect(requests).toEqual([]);
  });

  it.each(['', '0'])('asks as ever where FAROUT_OFFLINE is "%s"', async (value) => {
    const { origin } = await files();
    const { all } = await folderWith({ set: setOf(origin) });
    expect(await pulled(all, { FAROUT_OFFLINE: value })).toMatchObject({ errors: [] });
  });

  it('loads nothing where the disk has no room for it', async () => {
    const { origin, requests } = await files();
    const { all } = await folderWith({ set: setOf(origin, { size: 2 ** 52 }) });
    expect((await pulled(all)).errors[0]?.code).toBe('OOD_NO_SPACE');
    expect(requests).toEqual([]);
  });
});

describe('a manifest', () => {
  const file = { path: 'a.tar', addresses: ['https://example.org/a.tar'] };
  const refused: [string, object, RegExp][] = [
    [
      'a mirror without the full SHA-256',
      { files: [{ ...file, mirrors: ['https://m.org/a'] }] },
      /needs the full sha256/,
    ],
    ['no address', { files: [{ path: 'a' }] }, /has no address/],
    ['a path that leads out', { files: [{ ...file, path: '../a' }] }, /plain path inside the manifest's folder/],
    ['a folder that leads out', { files: [{ ...file, unpack: { folder: '/tmp' } }] }, /plain path inside/],
    ['a password', { files: [{ ...file, addresses: ['https://a:b@c.org/'] }] }, /contains a user name or a password/],
    ['another protocol', { files: [{ ...file, addresses: ['ftp://c.org/'] }] }, /only http and https/],
    ['half a checksum', { files: [{ ...file, sha256: 'abc' }] }, /must be 64 hexadecimal digits/],
    [
      'counts that do not add up',
      { images: 5, files: [{ ...file, unpack: { folder: 'a', images: 4 } }] },
      /is 5, but the archives have 4/,
    ],
    ['two files of one path', { files: [file, file] }, /name the same path twice/],
    ['no licence', { license: '', files: [file] }, /source.license/],
    ['an unknown key', { files: [file], licence: 'x' }, /licence/],
  ];
  it.each(refused)('is refused for %s', async (_, source, message) => {
    const error: unknown = await folderWith({ set: { ...about, ...source } }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'OOD_MANIFEST_INVALID' });
    expect((error as Error).message).toMatch(message);
  });

  it('stands beside what defines a dataset, and a file without one is none', async () => {
    const { folder } = await folderWith({ set: { ...about, files: [file] } });
    writeFileSync(path.join(folder, 'other.yaml'), 'image-folder: { root: x }\n');
    writeFileSync(path.join(folder, 'foreign.yaml'), 'source: of something else\n');
    writeFileSync(path.join(folder, 'list.yaml'), '- a\n- b\n');
    expect([...(await manifestsAround(folder)).keys()]).toEqual(['set']);
  });

  it('is found by what it gives', async () => {
    const { folder, all } = await folderWith({ set: setOf('https://example.org') });
    const found = (...names: string[]) => manifestsFor(path.join(folder, ...names), all).map(({ name }) => name);
    expect(found('out', 'set', 'a')).toEqual(['set']);
    expect(found('out', 'setting')).toEqual([]);
    // A folder of several sets, as a benchmark has.
    expect(found('out')).toEqual(['set']);
    expect(found('..')).toEqual(['set']);
  });
});
