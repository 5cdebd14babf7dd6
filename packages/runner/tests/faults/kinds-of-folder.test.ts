import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { chmod, cp } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Experiment } from '../../src/experiment.ts';
import { runFolder } from '../../src/output/run-folder.ts';
import { runExperiment } from '../../src/run-experiment.ts';
import {
  CountingProgress,
  detector,
  firstFeature,
  silent,
  temporaryFolder,
  tinyExperiment,
  writeImages,
} from '../fixtures/tiny.ts';

let experiment: Experiment;
let former: string;
let folder: string;
const at = (...names: string[]) => path.join(folder, ...names);

const run = (out: string, changes: Partial<Experiment> = {}) =>
  runExperiment(
    { ...experiment, ...changes },
    {
      out: runFolder(folder, 'tiny', out),
      logger: silent,
      progress: new CountingProgress(),
      reporters: [{ file: 'page.html', render: ({ name }) => name }],
    },
  );

beforeAll(async () => {
  const shared = await temporaryFolder();
  const id = await writeImages(path.join(shared, 'id'), 0, 4);
  const ood = await writeImages(path.join(shared, 'ood'), 4, 7);
  experiment = tinyExperiment({ id, ood, detectors: [detector('First', firstFeature)] }, path.join(shared, 'store'));
  folder = shared;
  former = path.join(shared, 'former');
  await run(former, { name: 'former' });
});

beforeEach(async () => {
  folder = await temporaryFolder();
});

/** What lies below a folder: the content of files, where links lead. */
function contents(below: string): Map<string, string> {
  const names = readdirSync(below, { recursive: true, encoding: 'utf8' });
  const isBehindLink = (name: string) =>
    realpathSync(path.join(below, path.dirname(name))) !== path.join(below, path.dirname(name));
  const found = names
    .filter((name) => !isBehindLink(name))
    .map((name): [string, string] => {
      const full = path.join(below, name);
      const stats = lstatSync(full);
      if (stats.isSymbolicLink()) return [name, readlinkSync(full)];
      return [name, stats.isFile() ? readFileSync(full, 'utf8') : 'a folder, or nothing to read'];
    });
  return new Map(found);
}

const ofRun = ['page.html', 'report-data.json', 'results.json', 'scores.csv'];
const write = (...names: string[]) => {
  for (const name of names) {
    mkdirSync(path.dirname(at(name)), { recursive: true });
    writeFileSync(at(name), `what ${name} says`);
  }
};
const formerRun = (name = 'out') => cp(former, at(name), { recursive: true });

interface Kind {
  readonly make?: () => unknown;
  readonly out?: string;
  /** Where the run lies then; absent where the folder is refused. */
  readonly in?: string;
}

const kinds: Record<string, Kind> = {
  'that is not there': { in: 'out' },
  'whose parents are not there': { out: 'a/b/c', in: 'a/b/c' },
  'that is empty': { make: () => mkdirSync(at('out')), in: 'out' },
  'with spaces and umlauts in its name': { out: 'größer als nötig ', in: 'größer als nötig ' },
  'with the longest name there is': { out: 'x'.repeat(255), in: 'x'.repeat(255) },
  'with a name that is too long': { out: 'x'.repeat(256) },
  'with a name of too many folders': { out: Array(3000).fill('x').join('/') },
  'that is a file': { make: () => write('out') },
  'that is a fifo': { make: () => execFileSync('mkfifo', [at('out')]) },
  'that is a link to an empty one': {
    make: () => {
      mkdirSync(at('real'));
      symlinkSync('real', at('out'));
    },
    in: 'real',
  },
  'that is a link to a run': { make: () => formerRun('real').then(() => symlinkSync('real', at('out'))), in: 'real' },
  'that is a link to a project': {
    make: () => {
      write('real/src/main.c');
      symlinkSync('real', at('out'));
    },
  },
  'that is a link to nowhere': { make: () => symlinkSync('nowhere', at('out')) },
  'that is a link to itself': { make: () => symlinkSync('out', at('out')) },
  'below a file': { make: () => write('out'), out: 'out/run' },
  'that is a project with its .git': { make: () => write('out/.git/config', 'out/main.c') },
  'that holds images': { make: () => write('out/1.png', 'out/2.png') },
  'with results.json of something else': { make: () => write('out/results.json', 'out/notes.md') },
  'that is a run': { make: () => formerRun(), in: 'out' },
  'that is a run with notes, a .git and other runs in it': {
    make: async () => {
      await formerRun();
      await formerRun('out/another');
      write('out/notes.md', 'out/.git/config', 'out/fitted/mine.npy');
    },
    in: 'out',
  },
  'that holds other runs': { make: () => formerRun('out/another') },
  'that is a run whose scores were changed': { make: () => formerRun().then(() => write('out/scores.csv')) },
  'that is a run whose page is a link': {
    make: async () => {
      await formerRun();
      execFileSync('rm', [at('out/page.html')]);
      write('mine.html');
      symlinkSync('../mine.html', at('out/page.html'));
    },
  },
  'called "." that is empty': { out: '.', in: '.' },
  'called "." that is not': { make: () => write('notes.md'), out: '.' },
  'called ".." that is not empty': { make: () => write('notes.md'), out: 'in/..' },
  'of the user: home': { out: homedir() },
  'at the root': { out: '/' },
  'of devices': { out: '/dev/null' },
  'below /proc': { out: '/proc/farout/run' },
  'below /sys': { out: '/sys/farout/run' },
};
const onLinux = process.platform === 'linux';

describe('a folder for the run', () => {
  it.each(Object.entries(kinds).filter(([name]) => onLinux || !/proc|sys|root|home/.test(name)))(
    '%s loses nothing: the run is there, or the folder is refused',
    async (_, { make, out = 'out', in: place }) => {
      await make?.();
      const before = contents(folder);
      if (place === undefined) {
        await expect(run(out)).rejects.toMatchObject({ code: 'OOD_OUTPUT_FAILED' });
        expect(contents(folder)).toEqual(before);
        return;
      }
      await run(out);
      const after = contents(folder);
      const own = ofRun.map((file) => path.join(place, file));
      expect(JSON.parse(after.get(path.join(place, 'results.json'))!)).toMatchObject({ name: 'tiny' });
      expect(own.filter((file) => !after.has(file))).toEqual([]);
      for (const [file, text] of before) if (!own.includes(file)) expect([file, after.get(file)]).toEqual([file, text]);
      expect([...after.keys()].filter((file) => file.includes('.farout-'))).toEqual([]);
      await run(out);
    },
  );

  it('that holds the store, or is the store, keeps it, also when the first run was stopped', async () => {
    for (const [out, store] of [
      ['a', 'a/store'],
      ['b', 'b'],
    ] as const) {
      const stopped = new AbortController();
      const changes = { store: at(store) };
      const progress = { start: () => stopped.abort(), advance: () => undefined, stop: () => undefined };
      const options = { out: at(out), logger: silent, progress, reporters: [], signal: stopped.signal };
      await expect(runExperiment({ ...experiment, ...changes }, options)).rejects.toMatchObject({
        name: 'Interrupted',
      });
      await run(out, changes);
      const kept = contents(at(store, 'readings'));
      expect(kept.size).toBeGreaterThan(0);
      await run(out, changes);
      expect(contents(at(store, 'readings'))).toEqual(kept);
      expect(readFileSync(at(out, 'results.json'), 'utf8')).toContain('"imagesRead": 0');
    }
  });

  const itAsUser = process.getuid?.() === 0 ? it.skip : it;
  itAsUser('that may not be written is refused', async () => {
    mkdirSync(at('out'));
    await chmod(at('out'), 0o555);
    await expect(run('out')).rejects.toMatchObject({ code: 'OOD_OUTPUT_FAILED' });
    await chmod(at('out'), 0o755);
  });

  it('and a store below /proc ends with its own code', async () => {
    await expect(run('out', { store: '/proc/farout/store' })).rejects.toMatchObject({ code: 'OOD_STORE_FAILED' });
  });
});
