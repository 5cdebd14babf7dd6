// A process that extracts the features of `count` photographs, for memory.ts to look at from outside.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { extractDataset } from '../../packages/runner/src/extraction/extract-dataset.ts';
import { cutListing, FileIndex } from '../../packages/runner/src/extraction/look-up.ts';
import { WorkerPool } from '../../packages/runner/src/extraction/pool.ts';
import { Shards } from '../../packages/runner/src/extraction/shards.ts';
import { Entries } from '../../packages/runner/src/store/entries.ts';
import { FileStore } from '../../packages/runner/src/store/store.ts';
import { openModel, recipe, type NetworkName } from './open-model.ts';
import { photographs } from './photographs.ts';

const [data, name, count] = process.argv.slice(2) as [string, NetworkName, string];
const files = photographs(data);
const images = Array.from({ length: Number(count) }, (_, i) => ({ id: String(i), path: files[i % files.length]! }));
const { model, folder: modelFolder } = await openModel(data, name);
const folder = await mkdtemp(path.join(tmpdir(), 'farout-bench-'));
const entries = new Entries({ store: new FileStore(folder), logger: { warn: console.warn } });
const pool = new WorkerPool({ model, device: 'cpu', recipe }, Infinity);
try {
  await extractDataset('photographs', cutListing({ images }), {
    index: new FileIndex(entries),
    shards: new Shards(entries, 'bench'),
    pool: () => Promise.resolve(pool),
    progress: { start: () => undefined, advance: () => undefined, stop: () => undefined },
    signal: new AbortController().signal,
    onUnreadable: 'fail',
  });
} finally {
  await pool.close();
  await rm(folder, { recursive: true });
  await rm(modelFolder, { recursive: true });
}
