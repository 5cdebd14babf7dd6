import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { RunResults } from '@farout/core';
import { repository } from '../farout-process.ts';
import { clients } from './clients.ts';
import { command, type CommandOptions } from './command.ts';
import { pack, packFarout, type Packed } from './packed.ts';

const examples = await readdir(path.join(repository, 'docs/examples'));
const outside = await mkdtemp(path.join(tmpdir(), 'farout-outside-'));
after(() => rm(outside, { recursive: true, force: true }));
const at = (...names: string[]) => path.join(outside, ...names);

let farout: Packed;
let plugins: Packed = {};
before(async () => (farout = await packFarout(at('archives'))));

/** What `farout new` makes here: a package and its scorer. */
const made = 'outside-made';

/** A plugin that is a CommonJS package, as older ones are. */
const common = {
  'package.json': JSON.stringify({
    name: 'farout-common',
    version: '1.0.0',
    main: './main.cjs',
    peerDependencies: { '@farout/core': `^${(await readManifest(repository)).version}` },
  }),
  'main.cjs': `
const { definePlugin, defineScorer, z } = require('@farout/core');
const score = ({ logits }) => logits.max();
module.exports = definePlugin({ name: 'common', scorers: [defineScorer({ name: 'largest', params: z.object({}), score })] });
`,
};

describe('the author of an example plugin', () => {
  const needs: Record<string, string> = {};
  /** Installs what the manifest of each package asks for; of farout, its archives. */
  const install = async (packages: readonly string[]) => {
    for (const name of packages) {
      const manifest = await readManifest(at('author', name));
      Object.assign(needs, manifest.dependencies, manifest.devDependencies, manifest.peerDependencies);
    }
    const ours = Object.keys(needs).filter((name) => name in farout);
    await clients[0]!.install(at('author'), { ...needs, ...choose(farout, [...ours, '@farout/demo']) }, farout);
  };

  before(async () => {
    for (const name of examples) {
      const filter = (file: string) => !/[\\/](node_modules|dist|demo)$/.test(file);
      await cp(path.join(repository, 'docs/examples', name), at('author', name), { recursive: true, filter });
    }
    await install(examples);
  });

  for (const name of examples) {
    it(`runs the tests of ${name}`, async () => {
      await command('npm', ['test'], { cwd: at('author', name) });
    });

    it(`builds and packs ${name}`, async () => {
      plugins = { ...plugins, ...(await pack(at('author', name), at('archives'))) };
    });
  }

  it('writes a scorer with farout new, tests it and packs it', async () => {
    await command('node_modules/.bin/farout', ['new', 'scorer', made], { cwd: at('author') });
    await install([made]);
    await command('npm', ['test'], { cwd: at('author', made) });
    plugins = { ...plugins, ...(await pack(at('author', made), at('archives'))) };
  });

  it('of a CommonJS plugin packs it', async () => {
    await mkdir(at('common'));
    for (const [file, text] of Object.entries(common)) await writeFile(at('common', file), text);
    plugins = { ...plugins, ...(await pack(at('common'), at('archives'))) };
  });
});

for (const client of clients) {
  const missing = await client.missing();
  describe(`who installs farout and the plugins with ${client.name}`, { skip: missing }, () => {
    before(async () => {
      await mkdir(at(client.name));
      const direct = { ...plugins, ...choose(farout, ['farout', '@farout/demo']) };
      await client.install(at(client.name), direct, { ...farout, ...plugins });
      await writeFile(at(client.name, 'experiment.yaml'), experiment);
      const words = ['--import', './tools/ts.mjs', 'tools/demo/write-parquet.mjs', '24', at(client.name, 'files')];
      await command('node', words, { cwd: repository });
    });

    it('compares them with energy and ReAct', async () => {
      await compare(client.name);
    });

    for (const major of ['22', '24']) {
      it(`may do so with Node ${major}`, async (test) => {
        const bin = await otherNode(major).catch(() => undefined);
        if (bin === undefined) {
          test.skip(`Node ${major} is not available from the registry`);
          return;
        }
        const { versions } = await compare(client.name, { bin });
        assert.match(versions.node!, new RegExp(`^v?${major}\\.`));
      });
    }
  });
}

describe('a plugin with a core of its own', () => {
  it('gets that of the host all the same', async () => {
    const ofPlugin = at('npm/node_modules/farout-common/node_modules/@farout/core');
    await cp(at('npm/node_modules/@farout/core'), ofPlugin, { recursive: true });
    await compare('npm');
  });
});

const experiment = `
name: outside
store: store
device: cpu
backbone:
  demo-resnet: { weights: node_modules/@farout/demo/weights/demo-resnet.pth }
datasets:
  objects: { demo-images: { set: objects, count: 24, seed: 3 } }
  validation: { demo-images: { set: objects, count: 24, seed: 2 } }
  drawn: { demo-images: { set: textures, count: 24, seed: 3 } }
  read: { parquet: { folder: files, prefix: textures- } }
id: objects
fit: validation
ood: [drawn, read]
plugins: [farout-gen, farout-nearest-neighbours, farout-common, ${made}]
detectors:
  Energy: energy
  ReAct: [react, energy]
  GEN: [react, generalised-entropy]
  Nearest: nearest-neighbours
  Largest: largest
  Made: ${made}
metrics: [auroc]
`;

/** Runs the experiment in a folder, and looks at what it wrote: the results. */
async function compare(folder: string, options: Partial<CommandOptions> = {}): Promise<RunResults> {
  await command('node_modules/.bin/farout', ['run', 'experiment.yaml', '--out', 'run'], {
    cwd: at(folder),
    ...options,
  });
  const run = JSON.parse(await readFile(at(folder, 'run/results.json'), 'utf8')) as RunResults;
  assert.deepEqual(run.failed, []);
  for (const detector of ['Energy', 'ReAct', 'GEN', 'Nearest', 'Largest', 'Made']) {
    const own = run.results.filter((each) => each.detector === detector);
    const valueOn = (ood: string) => own.find((each) => each.ood === ood)?.value;
    assert.equal(typeof valueOn('drawn'), 'number', `${detector} has no number`);
    // The same images, once drawn and once out of a file.
    assert.equal(valueOn('read'), valueOn('drawn'));
  }
  return run;
}

/** The folder with another version of node, as the registry has it for this machine. */
async function otherNode(version: string): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`;
  await mkdir(at(`node-${version}`), { recursive: true });
  await command('npm', ['install', '--no-save', '--ignore-scripts', `${name}@${version}`], {
    cwd: at(`node-${version}`),
  });
  return at(`node-${version}/node_modules/${name}/bin`);
}

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as Manifest;
}

const choose = (from: Packed, names: readonly string[]): Packed =>
  Object.fromEntries(names.map((name) => [name, from[name]!]));
