import { randomUUID } from 'node:crypto';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { leftoverOf } from './leftover.ts';

/**
 * Puts a finished folder in the place of another, which may be absent. Of several that do so at once the last one's
 * stays. What a killed process left beside it more than a day ago is removed: `<folder>.<uuid>.tmp` and `.old`.
 */
export async function replaceFolder(folder: string, fresh: string): Promise<void> {
  const former = `${folder}.${randomUUID()}.old`;
  await rename(folder, former).catch(unless('ENOENT'));
  try {
    await rename(fresh, folder);
  } catch (error) {
    if (!isOccupied(error)) {
      await rename(former, folder).catch(unless('ENOENT'));
      throw error;
    }
    // Another run has put its folder there in the meantime.
    await replaceFolder(folder, fresh);
  }
  await rm(former, { recursive: true, force: true });
  await removeLeftovers(folder);
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;
const isOccupied = (error: unknown) => codeOf(error) === 'ENOTEMPTY' || codeOf(error) === 'EEXIST';

const unless = (code: string) => (error: unknown) => {
  if (codeOf(error) !== code) throw error;
};

const day = 24 * 60 * 60 * 1000;

/** Younger ones may belong to a run that is being written; what another run removes at the same time is gone as well. */
async function removeLeftovers(folder: string): Promise<void> {
  const [parent, name] = [path.dirname(folder), path.basename(folder)];
  for (const entry of await readdir(parent)) {
    if (leftoverOf(entry)?.folder !== name) continue;
    const leftover = path.join(parent, entry);
    const { mtimeMs } = await stat(leftover).catch(() => ({ mtimeMs: Infinity }));
    if (Date.now() - mtimeMs > day) await rm(leftover, { recursive: true, force: true });
  }
}
