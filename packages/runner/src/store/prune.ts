import { rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { filesBelow, storeGroups, storeKinds, type StoredFile, type StoreGroup } from './groups.ts';

/** What is to go from a store. */
export interface PruneRequest {
  /** Milliseconds since the last use. */
  readonly olderThan?: number | undefined;
  /** Bytes that may stay: what was used last is kept until they are full. */
  readonly largerThan?: number | undefined;
  /** Only tells what would go. */
  readonly dryRun: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What went, or would go. */
export interface Pruned {
  readonly groups: readonly StoreGroup[];
  /** Temporary files that a killed process left, older than a day. */
  readonly leftovers: readonly StoredFile[];
}

/** What was used this short a time ago may be in use by a run, and stays. */
const inUse = 3_600_000;
const day = 86_400_000;

/**
 * Removes what a store does not need to hold: all of it can be made again. Only files that farout writes, and no link is
 * followed. Of each group the manifests go first: a shard without one does not exist, so a run beside this makes it again.
 */
export async function pruneStore(folder: string, request: PruneRequest): Promise<Pruned> {
  const groups = chosen(await storeGroups(folder), request);
  const leftovers = await leftoversIn(folder, request.now);
  if (!request.dryRun) {
    for (const { path: file } of [...groups.flatMap(({ files }) => files), ...leftovers])
      await rm(file, { force: true });
    await removeEmpty(folder, groups);
  }
  return { groups, leftovers };
}

/** `groups` come with the last used first. */
function chosen(groups: readonly StoreGroup[], { olderThan, largerThan, now }: PruneRequest): StoreGroup[] {
  let kept = 0;
  return groups.filter(({ bytes, used }) => {
    const isOld = olderThan !== undefined && now - used > olderThan;
    const isTooMuch = largerThan !== undefined && kept + bytes > largerThan;
    if ((isOld || isTooMuch) && now - used > inUse) return true;
    kept += bytes;
    return false;
  });
}

async function leftoversIn(folder: string, now: number): Promise<StoredFile[]> {
  const files = await Promise.all(storeKinds.map((kind) => filesBelow(path.join(folder, kind))));
  return files.flat().filter(({ path: file, used }) => /\.[0-9a-f-]{36}\.tmp$/.test(file) && now - used > day);
}

async function removeEmpty(folder: string, groups: readonly StoreGroup[]): Promise<void> {
  for (const { kind, name } of groups) {
    // One that is not there, or holds what is not farout's, stays as it is.
    await rmdir(path.join(folder, kind, name)).catch(() => undefined);
  }
}
