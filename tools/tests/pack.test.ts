import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { farout, repository } from '../farout-process.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'farout-packed-'));
afterAll(() => rmSync(folder, { recursive: true }));
const inRepository = (...steps: string[]) => path.join(repository, ...steps);
const at = (...steps: string[]) => path.join(folder, ...steps);

/** What a program printed; it runs in the temporary folder, as if no other npm had started it. */
function output(program: string, words: readonly string[]): string {
  const own = Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$)/.test(name));
  const options = { cwd: folder, env: Object.fromEntries(own), shell: process.platform === 'win32' };
  const { status, stdout, stderr, error } = spawnSync(program, words, { ...options, encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new Error(`${program} ${words.join(' ')}: ${String(error ?? status)}\n${stdout}${stderr}`);
}

const archives = () => readdirSync(at('archives')).map((file) => at('archives', file));
const versionOf = (folder: string) =>
  (JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { version: string }).version;
const version = versionOf(repository);
const archiveOf = (name: string) => at('archives', `farout${name === 'cli' ? '' : `-${name}`}-${version}.tgz`);
const filesIn = (...steps: string[]) =>
  readdirSync(inRepository(...steps), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.relative(inRepository(...steps), path.join(parentPath, name)));
/** What `npm run page` makes. */
const bundled = ['farout.js', 'page.js', 'licences.txt', 'ort-wasm-simd-threaded.wasm'];
/** The files beside `dist` that a package has and others have not. */
const more: Readonly<Record<string, readonly string[]>> = {
  backbones: filesIn('packages', 'backbones', 'models').map((file) => `models/${file}`),
  demo: ['weights/demo-resnet.pth'],
  web: [...filesIn('packages', 'web', 'static'), ...bundled].map((file) => `assets/${file}`),
  cli: filesIn('packages', 'cli', 'templates').map((file) => `templates/${file}`),
};

beforeAll(() => {
  output(process.execPath, [inRepository('tools', 'pack.mjs'), at('archives'), '--here']);
});

describe('the archives', () => {
  it.each(readdirSync(inRepository('packages')))('hold what was compiled, and no more: %s', (name) => {
    const sources = filesIn('packages', name, 'src').filter((file) => file.endsWith('.ts'));
    const compiled = sources.flatMap((file) => ['.js', '.d.ts'].map((end) => `dist/${file.slice(0, -3)}${end}`));
    const expected = ['LICENSE', 'README.md', 'package.json', ...compiled, ...(more[name] ?? [])];
    const listed = output('tar', ['-tzf', archiveOf(name)])
      .trim()
      .split('\n');
    expect(listed.sort()).toEqual(expected.map((file) => `package/${file}`).sort());
  });

  it('hold onnxruntime as it is installed here, without the script that downloads', () => {
    const installed = inRepository('node_modules', 'onnxruntime-node');
    const archive = at('archives', `farout-onnxruntime-${versionOf(installed)}.tgz`);
    const manifest = JSON.parse(output('tar', ['-xzOf', archive, 'package/package.json'])) as Record<string, unknown>;
    expect(manifest).toMatchObject({ name: '@farout/onnxruntime', license: 'MIT' });
    expect(manifest.scripts).toBeUndefined();
    const binding = path.join('bin', 'napi-v6', process.platform, process.arch, 'onnxruntime_binding.node');
    const listed = output('tar', ['-tzf', archive]).split('\n');
    expect(listed).toContain('package/LICENSE');
    expect(listed.filter((file) => file.endsWith('onnxruntime_binding.node'))).toEqual([`package/${binding}`]);
  });

  it('hold the licence of the repository', () => {
    expect(output('tar', ['-xzOf', archiveOf('core'), 'package/LICENSE'])).toBe(
      readFileSync(inRepository('LICENSE'), 'utf8'),
    );
  });
});

const plugin = `
import { definePlugin, defineScorer, z } from '@farout/core';
const params = z.object({ scale: z.number().default(1) });
const largest = defineScorer({ name: 'largest', params, score: ({ logits }, { scale }) => logits.max().mul(scale) });
export default definePlugin({ name: 'largest', scorers: [largest] });
`;
const experiment = `
name: demo
store: store
device: cpu
backbone:
  demo-resnet: { weights: node_modules/@farout/demo/weights/demo-resnet.pth }
datasets:
  objects: { demo-images: { set: objects, count: 20, seed: 3 } }
  textures: { demo-images: { set: textures, count: 20, seed: 3 } }
id: objects
fit: objects
ood: [textures]
plugins: [./largest.ts]
detectors: { MSP: msp, ReAct: [react, energy], Largest: largest }
`;

/** Whether npm's registry answers: the dependencies come from there. */
const online = spawnSync('npm', ['view', 'zod', 'version'], { shell: process.platform === 'win32' }).status === 0;
if (!online) console.warn("Skipped: installing the archives, because npm's registry cannot be reached.");
const describeOnline = online ? describe : describe.skip;

describeOnline('installed from the archives into an empty project, farout', () => {
  beforeAll(() => {
    writeFileSync(at('package.json'), '{ "private": true, "type": "module" }');
    writeFileSync(at('largest.ts'), plugin);
    writeFileSync(at('demo.yaml'), experiment);
    output('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...archives()]);
  });

  it('says what it can do', () => {
    expect(output('npx', ['--no', 'farout', '--', '--help'])).toContain('farout run <experiment>');
  });

  it('prints commands that work in the project', () => {
    expect(output('npx', ['--no', 'farout', '--', 'init', '.', '--to', 'first.yaml'])).toContain(
      'npx farout check first.yaml',
    );
  });

  it('gives the demonstration the very scores that it has from sources, with a plugin', async () => {
    output('npx', ['--no', 'farout', '--', 'run', 'demo.yaml']);
    const { code } = await farout([
      'run',
      at('demo.yaml'),
      '--out',
      at('from-sources'),
      '--set',
      `store=${at('other')}`,
    ]);
    expect(code).toBe(0);
    const scores = readFileSync(at('runs', 'demo', 'scores.csv'), 'utf8');
    expect(scores.split('\r\n')[0]).toBe('dataset,image,label,predicted,class,MSP,ReAct,Largest');
    expect(scores).toBe(readFileSync(at('from-sources', 'scores.csv'), 'utf8'));
  });

  it('gives a plugin the types that it is written with', () => {
    const options = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2022', 'largest.ts'];
    expect(
      output(process.execPath, [inRepository('node_modules', 'typescript-native', 'bin', 'tsc'), ...options]),
    ).toBe('');
  });
});
