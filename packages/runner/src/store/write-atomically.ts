import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** Writes a file at once: temporary file, fsync, rename: whoever is killed in between leaves the former file whole. */
export async function writeAtomically(
  file: string,
  content: string | Uint8Array | readonly Uint8Array[],
): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx');
    try {
      // Each part goes behind the one before.
      for (const part of Array.isArray(content) ? content : [content]) await handle.writeFile(part as Uint8Array);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
