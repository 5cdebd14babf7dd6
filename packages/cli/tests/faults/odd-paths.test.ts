import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encodePng } from '@farout/images';
import { runCli } from '../run-cli.ts';
import { demo, runSmall, small, temporaryFolder } from './small-experiment.ts';

let folder: string;
let server: Server;
const at = (...names: string[]) => path.join(folder, ...names);

beforeAll(() => {
  folder = temporaryFolder();
  mkdirSync(at('images'));
  for (let i = 0; i < 20; i++) {
    const data = Uint8Array.from({ length: 16 * 16 * 3 }, (_, at) => (at * (i + 3)) % 256);
    writeFileSync(at('images', `${i}.png`), encodePng({ width: 16, height: 16, data }));
  }
  for (const name of ['images/fifo.png', 'fifo.yaml', 'fifo.pth', 'fifo.mjs', 'fifo.txt'])
    execFileSync('mkfifo', [at(name)]);
  server = createServer().listen(at('images', 'socket.png'));
});

afterAll(() => {
  server.close();
});

const check = (words: readonly string[]) => runCli(['check', demo, ...small, ...words], { cwd: folder });

describe('a path that is a fifo or a socket', () => {
  it('is passed over in a folder of images', async () => {
    const { code } = await runSmall(folder, ['--set', 'datasets.objects={image-folder: {root: images}}']);
    expect(code).toBe(0);
    const results = JSON.parse(readFileSync(at('runs', 'demo', 'results.json'), 'utf8')) as {
      datasets: { objects: unknown };
    };
    expect(results.datasets.objects).toMatchObject({ images: 20, unreadable: [] });
  });

  it.each(['fifo.png', 'socket.png'])('is refused in a list of images: %s', async (name) => {
    writeFileSync(at('list.txt'), `0.png\n${name}\n`);
    const { code, stderr } = await check(['--set', 'datasets.objects={image-list: {list: list.txt, root: images}}']);
    expect(code).toBe(2);
    expect(stderr).toMatch(new RegExp(`list\\.txt:2:1 +"${name}" is not a file in `));
  });

  it.each([
    ['as weights', ['--set', 'backbone.demo-resnet.weights=fifo.pth'], 'OOD_MISSING_FILE'],
    ['as a plugin', ['--set', 'plugins=[./fifo.mjs]'], 'OOD_PLUGIN_FAILED'],
    ['as a list', ['--set', 'datasets.objects={image-list: {list: fifo.txt}}'], 'OOD_MISSING_FILE'],
  ])('is not waited for %s', async (_, words, error) => {
    const { code, stderr } = await check(words);
    expect(code).toBe(2);
    expect(stderr).toMatch(/ is (not a|no) file/);
    expect(stderr).toContain(`[${error}]`);
  });

  it('is not waited for as an experiment', async () => {
    const { code, stderr } = await runCli(['check', 'fifo.yaml'], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toMatch(/fifo\.yaml is not a file/);
  });
});
