import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Tree } from '@nx/devkit';
import { createTree } from '@nx/devkit/testing';
import { newKinds } from '../../src/new/new-package.ts';
import { packageFiles } from '../../src/new/package-files.ts';

interface Generator {
  readonly newInTree: (tree: Tree, options: { kind: string; name: string; to?: string; js?: boolean }) => Promise<void>;
}

// Of the workspace and of no package.
const tool = new URL('../../../../tools/nx/new-in-tree.ts', import.meta.url).href;
const { newInTree } = (await import(tool)) as Generator;
const repository = fileURLToPath(new URL('../../../../', import.meta.url));
let tree: Tree;
beforeEach(() => {
  tree = createTree();
});

/** What was written into the tree, but what every tree begins with. */
function written() {
  const first = createTree()
    .listChanges()
    .map(({ path }) => path);
  const later = tree.listChanges().filter(({ path }) => !first.includes(path));
  return new Map(later.map(({ path, content }) => [path, content]));
}

describe('the Nx generator', () => {
  it.each(newKinds)('writes the package of a %s that farout new writes', async (kind) => {
    await newInTree(tree, { kind, name: 'acme' });
    const files = Object.entries(await packageFiles({ kind, name: 'acme', language: 'ts' }));
    expect(written().size).toBe(files.length);
    for (const [file, content] of files) expect(written().get(`acme/${file}`)?.equals(Buffer.from(content))).toBe(true);
  });

  it('writes JavaScript, and into another folder of the workspace, on request', async () => {
    await newInTree(tree, { kind: 'scorer', name: 'acme', to: 'plugins/acme', js: true });
    expect([...written().keys()]).toContain('plugins/acme/src/acme.js');
  });

  it('refuses a folder that is there already, and changes nothing', async () => {
    tree.write('acme/mine.txt', 'mine');
    await expect(newInTree(tree, { kind: 'scorer', name: 'acme' })).rejects.toMatchObject({ code: 'OOD_BAD_COMMAND' });
    expect([...written().keys()]).toEqual(['acme/mine.txt']);
  });

  it.each(['../acme', '/acme', 'a/../../acme'])('refuses the folder %s, which is not in the workspace', async (to) => {
    await expect(newInTree(tree, { kind: 'scorer', name: 'acme', to })).rejects.toThrow('is not in the workspace');
    expect(written().size).toBe(0);
  });

  it('refuses a name that farout new refuses', async () => {
    await expect(newInTree(tree, { kind: 'scorer', name: '../acme' })).rejects.toThrow(
      'cannot be the name of a package',
    );
  });

  it('knows the same kinds as farout new', () => {
    const schema = JSON.parse(readFileSync(`${repository}/tools/nx/new.schema.json`, 'utf8')) as {
      properties: { kind: { enum: string[] } };
    };
    expect(schema.properties.kind.enum).toEqual(newKinds);
  });

  it('is found by Nx, and shows in a dry run what it would write', () => {
    const words = ['g', './tools/nx/generators.json:new', 'scorer', 'acme', '--to', 'mine/acme', '--dry-run'];
    const { status, stdout, stderr } = spawnSync(process.execPath, ['node_modules/nx/dist/bin/nx.js', ...words], {
      cwd: repository,
      env: {
        ...process.env,
        NX_ISOLATE_PLUGINS: 'false',
        NX_DAEMON: 'false',
        FORCE_COLOR: '0',
        NODE_OPTIONS: undefined,
      },
      encoding: 'utf8',
    });
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('CREATE mine/acme/src/acme.ts');
    expect(existsSync(`${repository}/mine/acme`)).toBe(false);
  });
});
