import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Archive } from '../../release/archives.ts';
import { planRelease } from '../../release/plan.ts';
import { publish, publishArchives, refusals } from '../../release/publish.ts';
import { SmallWorkspace } from './workspace.ts';

let workspace: SmallWorkspace;
beforeEach(() => {
  workspace = new SmallWorkspace();
});
afterEach(() => workspace.remove());

const address = '"repository": { "type": "git", "url": "git+https://forge.example/farout.git" },';
/** What a workflow has that may ask npm to vouch for an archive. */
const env = { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://forge.example/token' };
const refused = (version?: string, place: NodeJS.ProcessEnv = env) =>
  refusals(planRelease(workspace.root, version), { root: workspace.root, env: place });

function giveAddress(): void {
  workspace.edit('package.json', '"version"', `${address}\n  "version"`);
  workspace.commit();
}

describe('a release is refused', () => {
  it('not where nothing is missing', () => {
    giveAddress();
    expect(refused()).toEqual([]);
  });

  it('while the address of the repository is missing', () => {
    expect(refused()).toEqual([expect.stringMatching(/^The address of the repository is missing/)]);
  });

  it('outside the workflow that can say where it was made', () => {
    giveAddress();
    expect(refused(undefined, {})).toEqual([expect.stringContaining('start it there')]);
  });

  it('from a tree with changes, and where a tag of the version is there', () => {
    giveAddress();
    workspace.git('tag', 'v0.1.0');
    workspace.write('new.txt', '');
    expect(refused('0.1.0')).toEqual([
      expect.stringMatching(/^0\.1\.0 is too low: the change asks for 0\.1\.1/),
      expect.stringContaining('not committed'),
      'There is a tag v0.1.0 already.',
    ]);
  });

  it('under what is no version, and without a word in the CHANGELOG', () => {
    giveAddress();
    workspace.edit('CHANGELOG.md', '### Added\n\n- A.\n', '');
    workspace.commit();
    expect(refused('next')).toEqual(['"next" is no version.', 'CHANGELOG.md says nothing under "Unreleased".']);
  });
});

describe('what a release writes', () => {
  beforeEach(async () => {
    giveAddress();
    await publish({ ...planRelease(workspace.root), version: '0.2.0' }, [], { root: workspace.root, env });
  });

  it('is one version for all packages, and for what they need of each other', () => {
    const needs = { '@farout/core': '0.2.0', zod: '0.1.0' };
    const cli = { name: 'farout', version: '0.2.0', dependencies: needs };
    expect(JSON.parse(workspace.read('package.json'))).toMatchObject({ version: '0.2.0' });
    expect(JSON.parse(workspace.read('packages/core/package.json'))).toMatchObject({ version: '0.2.0' });
    expect(JSON.parse(workspace.read('packages/cli/package.json'))).toEqual(cli);
    expect(JSON.parse(workspace.read('package-lock.json'))).toMatchObject({
      version: '0.2.0',
      packages: { '': { version: '0.2.0' }, 'packages/cli': cli, 'node_modules/zod': { version: '0.1.0' } },
    });
  });

  it('is what example plugins ask for; their own version is theirs', () => {
    expect(JSON.parse(workspace.read('docs/examples/farout-gen/package.json'))).toEqual({
      name: 'farout-gen',
      version: '0.1.0',
      peerDependencies: { '@farout/core': '^0.2.0' },
    });
  });

  it('is what documents show, and when it was', () => {
    expect(workspace.read('README.md')).toBe('farout-core-0.2.0.tgz, other-0.1.0.tgz, "zod": "^0.1.0"\n');
    expect(workspace.read('docs/versions.md')).toBe('"@farout/core": "^0.2.0", "version": "0.1.0"\n');
    const today = new Date().toISOString().slice(0, 10);
    expect(workspace.read('CITATION.cff')).toBe(`version: 0.2.0\ndate-released: ${today}\n`);
    expect(workspace.read('CHANGELOG.md')).toContain(`## 0.2.0 – ${today}\n\n### Added`);
  });

  it('is a commit with a tag that says what is new', () => {
    expect(workspace.git('log', '-1', '--format=%s')).toBe('Release 0.2.0');
    expect(workspace.git('status', '--porcelain')).toBe('');
    expect(workspace.git('tag', '--list', '--format=%(contents)', 'v0.2.0')).toContain('- A.');
    expect(workspace.git('rev-list', '-1', 'v0.2.0')).toBe(workspace.git('rev-parse', 'HEAD'));
  });
});

/** A registry that keeps what it is sent: the manifests by name and version. */
const kept = new Map<string, object>();
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const name = decodeURIComponent(request.url!.slice(1).split('?')[0]!);
  if (request.method === 'PUT') {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    kept.set(name, JSON.parse(Buffer.concat(parts).toString()) as object);
  }
  response.writeHead(kept.has(name) ? 200 : 404, { 'content-type': 'application/json' });
  response.end(JSON.stringify(kept.get(name) ?? { error: 'Not found' }));
}
const server = createServer((request, response) => void answer(request, response));
let registry: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  server.close();
});

/** An archive of one file beside its manifest. */
function packed(name: string, text: string): Archive {
  const folder = path.join(workspace.root, 'packed');
  mkdirSync(path.join(folder, 'package'), { recursive: true });
  writeFileSync(path.join(folder, 'package', 'package.json'), JSON.stringify({ name, version: '0.2.0' }));
  writeFileSync(path.join(folder, 'package', 'text.txt'), text);
  const file = path.join(folder, `${name}.tgz`);
  spawnSync('tar', ['-czf', file, '-C', folder, 'package']);
  return { name, version: '0.2.0', file, files: 2, bytes: 0, packedBytes: 0, faults: [], entries: [], needs: [] };
}
const integrity = (file: string) => `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;

describe('what a release sends to the registry', () => {
  const send = (archives: readonly Archive[]) => publishArchives(archives, { root: workspace.root, registry });
  beforeEach(() => {
    kept.clear();
    workspace.write('.npmrc', `${registry.slice('http:'.length)}:_authToken=anything\n`);
  });

  it('is each archive as it was checked; what is there already is passed over', async () => {
    const archives = [packed('farout-first', 'a'), packed('farout-second', 'b')];
    await send(archives.slice(0, 1));
    const before = kept.get('farout-first');
    await send(archives);
    expect([...kept.keys()]).toEqual(['farout-first', 'farout-second']);
    expect(kept.get('farout-first')).toBe(before);
    for (const { name, file } of archives)
      expect(kept.get(name)).toMatchObject({ versions: { '0.2.0': { dist: { integrity: integrity(file) } } } });
  });

  it('is nothing where the registry has the version of other bytes', async () => {
    await send([packed('farout-first', 'a')]);
    await expect(send([packed('farout-first', 'other')])).rejects.toThrow('farout-first 0.2.0 already, of other bytes');
  });
});
