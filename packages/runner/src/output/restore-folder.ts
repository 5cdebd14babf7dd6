import { access, readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { leftoverOf } from './leftover.ts';

/**
 * Puts back a folder that a process was about to replace when it was killed, between moving the former one away and the new
 * one there. A run that is just there puts its own in its place all the same.
 */
export async function restoreFolder(folder: string): Promise<void> {
  if (await exists(folder)) return;
  const parent = path.dirname(folder);
  const beside = await readdir(parent).catch((): string[] => []);
  const isFormer = (name: string) => {
    const left = leftoverOf(name);
    return left?.kind === 'old' && left.folder === path.basename(folder);
  };
  const former = beside.find(isFormer);
  // Whoever else restores it or has put a folder there was faster, and it is there.
  if (former !== undefined) await rename(path.join(parent, former), folder).catch(() => undefined);
}

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );
