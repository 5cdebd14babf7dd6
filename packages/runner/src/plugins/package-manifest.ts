import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from '@farout/core';

const schema = z.object({
  name: z.string(),
  version: z.string(),
  peerDependencies: z.record(z.string(), z.string()).catch({}).default({}),
});

/** What a package says of itself. */
export type PackageManifest = z.output<typeof schema>;

/**
 * The nearest package.json above a file that has a name and a version: not every folder between a module and its package's
 * root has one, and some have one that says only the kind of its modules.
 */
export async function packageManifest(file: string): Promise<PackageManifest | undefined> {
  for (let folder = path.dirname(file); folder !== path.dirname(folder); folder = path.dirname(folder)) {
    const { data } = schema.safeParse(await parsed(path.join(folder, 'package.json')));
    if (data) return data;
  }
  return undefined;
}

async function parsed(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return undefined;
  }
}
