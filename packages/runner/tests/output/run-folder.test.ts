import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { FaroutError, type RunResults } from '@farout/core';
import { hashBytes } from '../../src/store/entries.ts';
import { openRunFolder, runFolder, writePages, writeResults } from '../../src/output/run-folder.ts';

let folder: string;
let out: string;
const at = (...names: string[]) => path.join(out, ...names);
const text = (...names: string[]) => readFile(at(...names), 'utf8');

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'farout-test-'));
  out = path.join(folder, 'runs', 'a');
});

const results = (name: string) => ({ schemaVersion: 1, name, hashes: { experiment: name } }) as unknown as RunResults;
const file = (name: string, content: string) => ({ file: name, content: [content] });
const open = (files: string[] = [], store = path.join(folder, 'store')) => openRunFolder(out, files, store);

/** A run with a page, whose every file says the same. */
async function write(said: string, files = ['scores.csv', 'fitted/0.npy']) {
  const run = await writeResults(
    out,
    results(said),
    files.map((name) => file(name, said)),
  );
  return (await writePages(run, run.results, [file('page.html', said)]))!;
}

/** Nothing that a replacement needs is left. */
const entries = async () => (await readdir(out)).sort();

describe('a run that is written', () => {
  it('takes the place of the former one, file by file, and leaves nothing of it or of the writing', async () => {
    await write('1');
    await write('2', ['scores.csv', 'deep/er/3.npy']);
    expect(await entries()).toEqual(['deep', 'page.html', 'results.json', 'scores.csv']);
    expect(await text('deep/er/3.npy')).toBe('2');
    expect(await readdir(path.join(folder, 'runs'))).toEqual(['a']);
  });

  it('names its files by their SHA-256 in results.json, and is known again by that of the whole', async () => {
    await write('1');
    const { sha256, ...said } = JSON.parse(await text('results.json')) as RunResults;
    expect(said.files).toEqual(
      Object.fromEntries(
        ['scores.csv', 'fitted/0.npy', 'page.html'].map((name) => [name, hashBytes(Buffer.from('1'))]),
      ),
    );
    expect(sha256).toBe(hashBytes(Buffer.from(JSON.stringify(said))));
  });

  it('leaves every file that it did not write where it is', async () => {
    await write('1');
    await mkdir(at('.git'));
    await mkdir(at('another-run'));
    for (const name of ['.git/config', 'notes.md', 'another-run/results.json', 'fitted/mine.npy'])
      await writeFile(at(name), name);
    await write('2', ['scores.csv']);
    for (const name of ['.git/config', 'notes.md', 'another-run/results.json', 'fitted/mine.npy'])
      expect(await text(name)).toBe(name);
    expect(await readdir(at('fitted'))).toEqual(['mine.npy']);
  });

  it('leaves a file of the former run that was changed since, unless it has the name of a new one: that is refused', async () => {
    await write('1');
    await writeFile(at('fitted/0.npy'), 'edited');
    await write('2', ['scores.csv']);
    expect(await text('fitted/0.npy')).toBe('edited');
    await writeFile(at('scores.csv'), 'edited');
    await expect(open(['scores.csv'])).rejects.toMatchObject({
      code: 'OOD_OUTPUT_FAILED',
      message: expect.stringContaining(at('scores.csv')),
    });
    await expect(write('3')).rejects.toMatchObject({ code: 'OOD_OUTPUT_FAILED' });
    expect([await text('scores.csv'), await text('page.html')]).toEqual(['edited', '2']);
  });

  it('refuses results.json that was changed, or that something else wrote, or an older farout', async () => {
    await write('1');
    const said = JSON.parse(await text('results.json')) as RunResults;
    for (const other of [{ ...said, name: 'edited' }, { ...said, sha256: undefined }, { results: [] }, 'text']) {
      await writeFile(at('results.json'), JSON.stringify(other));
      await expect(open()).rejects.toMatchObject({ code: 'OOD_OUTPUT_FAILED' });
      await expect(write('2')).rejects.toMatchObject({ code: 'OOD_OUTPUT_FAILED' });
    }
    expect(await text('scores.csv')).toBe('1');
  });

  it('refuses a link, a folder or a fifo in the place of a file, and a link in the place of a folder', async () => {
    await write('1');
    const elsewhere = path.join(folder, 'elsewhere');
    await mkdir(elsewhere);
    await writeFile(path.join(elsewhere, '0.npy'), '1');
    await rm(at('fitted'), { recursive: true });
    await symlink(elsewhere, at('fitted'));
    await expect(write('2')).rejects.toMatchObject({ code: 'OOD_OUTPUT_FAILED' });
    expect(await readFile(path.join(elsewhere, '0.npy'), 'utf8')).toBe('1');
    await rm(at('fitted'));
    await rm(at('scores.csv'));
    await symlink(path.join(elsewhere, '0.npy'), at('scores.csv'));
    await expect(write('2')).rejects.toMatchObject({ code: 'OOD_OUTPUT_FAILED' });
    expect(await readFile(path.join(elsewhere, '0.npy'), 'utf8')).toBe('1');
    await rm(at('scores.csv'));
    await mkdir(at('scores.csv'));
    await expect(write('2')).rejects.toMatchObject({ code: 'OOD_OUTPUT_FAILED' });
  });

  it('trusts no list that leads out of the folder', async () => {
    const outside = path.join(folder, 'outside');
    await writeFile(outside, 'mine');
    const forged = { ...results('forged'), files: { '../../outside': hashBytes(Buffer.from('mine')) } };
    const sha256 = hashBytes(Buffer.from(JSON.stringify(forged)));
    await mkdir(out, { recursive: true });
    await writeFile(at('results.json'), JSON.stringify({ ...forged, sha256 }));
    await expect(write('2')).rejects.toMatchObject({ code: 'OOD_OUTPUT_FAILED' });
    expect(await readFile(outside, 'utf8')).toBe('mine');
  });

  it('keeps the former run when writing fails', async () => {
    await write('1');
    const failing = {
      file: 'scores.csv',
      content: (function* () {
        yield 'half';
        throw new Error('no more');
      })(),
    };
    await expect(writeResults(out, results('2'), [failing])).rejects.toMatchObject({ code: 'OOD_OUTPUT_FAILED' });
    expect([await text('scores.csv'), await text('page.html')]).toEqual(['1', '1']);
    expect(await entries()).toEqual(['fitted', 'page.html', 'results.json', 'scores.csv']);
  });

  it('refuses a file that was put in its way after it began, and keeps both', async () => {
    await write('1', ['scores.csv']);
    await open(['scores.csv', 'new.txt']);
    await writeFile(at('new.txt'), 'mine');
    await expect(write('2', ['scores.csv', 'new.txt'])).rejects.toMatchObject({
      code: 'OOD_OUTPUT_FAILED',
      message: expect.stringContaining(at('new.txt')),
    });
    expect([await text('new.txt'), await text('scores.csv'), await text('page.html')]).toEqual(['mine', '1', '1']);
  });

  it('of several at once is one whole one in the end, whoever comes last', async () => {
    await Promise.all(
      Array.from({ length: 12 }, (_, run) =>
        writeResults(out, results(`${run}`), [file('scores.csv', `${run}`), file(`${run}.npy`, `${run}`)]),
      ),
    );
    const { name } = JSON.parse(await text('results.json')) as RunResults;
    expect(await text('scores.csv')).toBe(name);
    expect(await entries()).toEqual([`${name}.npy`, 'results.json', 'scores.csv']);
  });

  it('adds no page to a run that has taken its place in the meantime', async () => {
    const first = await writeResults(out, results('1'), []);
    await write('2');
    expect(await writePages(first, first.results, [file('page.html', '1')])).toBeUndefined();
    expect(await text('page.html')).toBe('2');
  });
});

describe('what a killed process leaves', () => {
  /** A process that is gone. */
  const gone = { host: '', pid: 0, id: randomUUID(), files: ['scores.csv', 'new.npy'] };

  beforeEach(async () => {
    const { hostname } = await import('node:os');
    gone.host = hostname();
    gone.pid = spawnSync(process.execPath, ['-e', '']).pid;
  });

  /** As if a process had been killed when so many files had taken their places. */
  async function killedAfter(moved: number): Promise<void> {
    await write('1');
    const before = { 'scores.csv': '1', 'fitted/0.npy': '1', 'page.html': '1' };
    const hash = (said: string) => hashBytes(Buffer.from(said));
    const replacing = (...names: string[]) => at('.farout-replacing', ...names);
    await mkdir(replacing('new'), { recursive: true });
    await mkdir(replacing('former', 'fitted'), { recursive: true });
    await writeFile(replacing('owner.json'), JSON.stringify(gone));
    const plan = {
      files: { 'scores.csv': hash('2'), 'new.npy': hash('2') },
      results: hash('results 2'),
      former: Object.fromEntries(Object.entries(before).map(([name, said]) => [name, hash(said)])),
    };
    await writeFile(replacing('plan.json'), JSON.stringify(plan));
    for (const [name, said] of Object.entries(before)) await writeFile(replacing('former', name), said);
    const steps = [
      () => rm(at('page.html')),
      () => rm(at('fitted'), { recursive: true }),
      () => writeFile(at('scores.csv'), '2'),
      () => writeFile(at('new.npy'), '2'),
      () => writeFile(at('results.json'), 'results 2'),
    ];
    for (const [index, step] of steps.entries()) {
      if (index < moved) await step();
      else await writeFile(replacing('new', `${index}`), '');
    }
  }

  it.each([0, 1, 2, 3, 4])('is put back before anything else, when it had come to step %d', async (moved) => {
    await killedAfter(moved);
    const { former } = await open(['scores.csv', 'page.html']);
    expect(former!.results.name).toBe('1');
    for (const name of ['scores.csv', 'fitted/0.npy', 'page.html']) expect(await text(name)).toBe('1');
    expect((await entries()).filter((name) => !name.startsWith('.farout-'))).toEqual([
      'fitted',
      'page.html',
      'results.json',
      'scores.csv',
    ]);
  });

  it('is not put back where results.json, which comes last, is there', async () => {
    await killedAfter(5);
    await expect(open()).rejects.toMatchObject({ code: 'OOD_OUTPUT_FAILED' });
    expect([await text('scores.csv'), await text('new.npy')]).toEqual(['2', '2']);
  });

  it('is put back by one of many that come at once', async () => {
    await killedAfter(4);
    await Promise.all(Array.from({ length: 8 }, (_, run) => write(`run ${run}`)));
    const { name } = JSON.parse(await text('results.json')) as RunResults;
    expect(await text('scores.csv')).toBe(name);
  });

  it('goes when it had only been written beside, but nothing in it that farout did not write', async () => {
    await write('1');
    const [old, kept] = [randomUUID(), randomUUID()].map((id) => `.farout-${id}`) as [string, string];
    for (const name of [old, kept]) {
      await mkdir(at(name, 'new'), { recursive: true });
      await writeFile(at(name, 'owner.json'), JSON.stringify(gone));
      await writeFile(at(name, 'new', 'scores.csv'), 'half');
    }
    await writeFile(at(kept, 'new', 'mine'), '');
    await utimes(at(old), 1, 1);
    await write('2');
    expect((await entries()).filter((name) => name.startsWith('.farout-'))).toEqual([kept]);
    expect(await readdir(at(kept, 'new'))).toEqual(['mine']);
  });

  it('by the name of a replacement, but nothing that farout knows, is refused by name', async () => {
    await write('1');
    await mkdir(at('.farout-replacing'));
    await writeFile(at('.farout-replacing', 'notes'), '');
    await expect(open()).rejects.toMatchObject({
      code: 'OOD_OUTPUT_FAILED',
      message: expect.stringContaining(at('.farout-replacing')),
    });
    expect(await readdir(at('.farout-replacing'))).toEqual(['notes']);
  });
});

const home = path.resolve('home');

describe('runFolder', () => {
  it('is runs/<name> in the folder of the user', () => {
    expect(runFolder(home, 'ReAct, ResNet-50 (ü)', undefined)).toBe(path.join(home, 'runs', 'ReAct, ResNet-50 (ü)'));
  });

  it('is what the user names, relative to the folder of the user', () => {
    expect(runFolder(home, 'a/b', '../elsewhere')).toBe(path.resolve(home, '../elsewhere'));
    expect(runFolder(home, 'demo', path.resolve('/tmp/here'))).toBe(path.resolve('/tmp/here'));
  });

  it.each(['a/b', '..', '.', 'a\\b', 'c:d', 'a\nb', 'what?', 'dot.', 'blank ', '', 'x'.repeat(256)])(
    'refuses to make a folder of %j',
    (name) => {
      expect(() => runFolder(home, name, undefined)).toThrow(FaroutError);
    },
  );
});
