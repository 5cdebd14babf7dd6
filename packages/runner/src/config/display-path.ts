import path from 'node:path';

/** A path as messages show it: relative to the user's folder when it lies below. */
export function displayPath(file: string, cwd: string): string {
  const relative = path.relative(cwd, file);
  return relative.startsWith('..') || path.isAbsolute(relative) ? file : relative;
}
