import { readdir } from 'node:fs/promises';
import path from 'node:path';

/** The YAML files in the `datasets` folders beside and above an experiment: the name of each dataset → its absolute path. */
export async function datasetFiles(folder: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (let above = folder, below = ''; above !== below; below = above, above = path.dirname(above)) {
    const datasets = path.join(above, 'datasets');
    for (const file of await filesIn(datasets)) {
      const { name, ext } = path.parse(file);
      // The nearest folder wins.
      if (ext === '.yaml' && !files.has(name)) files.set(name, path.join(datasets, file));
    }
  }
  return files;
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    // Most folders have no `datasets` in them, and some above may not be read.
    return [];
  }
}
