// A process that extracts the features of `count` photographs, watched by memory.ts.
import { rm } from 'node:fs/promises';
import { openModel, type NetworkName } from './open-model.ts';
import { photographs } from './photographs.ts';
import { extractIntoStore } from './runner.ts';

const [data, name, count] = process.argv.slice(2) as [string, NetworkName, string];
const files = photographs(data);
const { model, folder } = await openModel(data, name);
try {
  await extractIntoStore(
    model,
    Array.from({ length: Number(count) }, (_, i) => files[i % files.length]!),
  );
} finally {
  await rm(folder, { recursive: true });
}
