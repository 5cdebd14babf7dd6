import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from '@jest/globals';
import { schemaOf } from '@farout/core';
import { tar } from '@farout/datasets';
import { pack } from 'tar-stream';
import { demo, fewImages, setting } from '../small-demo.ts';
import { runCli } from '../run-cli.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'farout-store-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const set = [...fewImages(24), 'metrics=[auroc]', 'detectors={Energy: energy}'];
const run = (...more: string[]) => runCli(['run', demo, ...setting([...set, ...more]), '--no-report'], { cwd: folder });
const store = (...words: string[]) => runCli(['store', ...words, '--store', 'store'], { cwd: folder });

describe('farout store', () => {
  it('lists each group with size, images, last use and what made it, and removes what is old', async () => {
    expect(await run()).toMatchObject({ code: 0 });
    const { code, stdout, stderr } = await store('list');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^readings +[0-9a-f]{8} +[\d.]+ kB {2}used \d{4}-\d\d-\d\d {2}96 images in 4 shards {2}demo-resnet, \d+\/\d+, cpu, for demo$/m,
    );
    expect(stdout).toMatch(/\n[\d.]+ [kM]B in total\n$/);

    const old = path.join(folder, 'store', 'graphs', `${'a'.repeat(64)}.onnx`);
    mkdirSync(path.dirname(old), { recursive: true });
    writeFileSync(old, 'old');
    utimesSync(old, 0, 0);
    const dry = await store('prune', '--older-than', '30d', '--dry-run');
    expect(dry.stdout).toMatch(/^graphs +aaaaaaaa +3 B .*\nWould remove 3 B and 0 temporary files from /);
    expect((await store('prune', '--older-than', '30d')).stdout).toMatch(/\nRemoved 3 B and 0 temporary files from /);
    expect(readdirSync(path.dirname(old))).toHaveLength(1);
    expect((await run()).stderr).toContain('0 images read, all 96 in the store.');

    const cubic = ['backbone.demo-resnet.interpolation=bicubic', 'backbone.demo-resnet.sides=both'];
    expect((await run(...cubic)).stderr).not.toContain('0 images read');
    expect((await store('list')).stdout).toMatch(/ {2}demo-resnet, 64\/64 bicubic both sides, cpu, for demo$/m);
  });

  it('lists and removes what datasets have unpacked into the cache folder', async () => {
    const archive = pack();
    for (let n = 0; n < 1000; n++) archive.entry({ name: `a/${n}.jpg` }, 'an image');
    archive.finalize();
    const file = path.join(folder, 'images.tar.gz');
    const bytes: Uint8Array[] = [];
    for await (const chunk of archive) bytes.push(chunk as Uint8Array);
    writeFileSync(file, gzipSync(Buffer.concat(bytes)));
    const cache = path.join(folder, 'cache');
    const before = process.env.XDG_CACHE_HOME;
    process.env.XDG_CACHE_HOME = cache;
    await tar.open(schemaOf(tar).parse({ file })).finally(() => {
      if (before === undefined) delete process.env.XDG_CACHE_HOME;
      else process.env.XDG_CACHE_HOME = before;
    });
    const inCache = (...words: string[]) =>
      runCli(['store', ...words], { cwd: folder, env: { ...process.env, XDG_CACHE_HOME: cache } });
    const listed = /^archives +[0-9a-f]{8} +[\d.]+ [kM]B {2}used \d{4}-\d\d-\d\d$/gm;
    // The plain tar, and the index of it.
    expect((await inCache('list')).stdout.match(listed)).toHaveLength(2);
    const archives = path.join(cache, 'farout', 'archives');
    for (const name of readdirSync(archives)) utimesSync(path.join(archives, name), 0, 0);
    expect((await inCache('prune', '--older-than', '30d')).stdout).toMatch(/Removed 1.\d MB and 0 temporary files/);
    expect(readdirSync(archives)).toEqual([]);
  });

  it.each([
    [['prune', '--older-than', '30'], '--older-than is not a time: "30"'],
    [['prune', '--larger-than', '10 bananas'], '--larger-than is not a size: "10 bananas"'],
    [['purge'], 'unknown action "purge"'],
  ])('refuses %j', async (words, message) => {
    const { code, stderr } = await store(...words);
    expect({ code, first: stderr.split('\n')[0] }).toEqual({ code: 2, first: message });
  });
});
