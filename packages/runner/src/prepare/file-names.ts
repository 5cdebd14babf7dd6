import path from 'node:path';

/** Distinct files by name; files with the same name are distinguished by the last folders of their paths. */
export function byName(files: readonly string[]): ReadonlyMap<string, string> {
  const steps = (file: string) => file.split(path.sep);
  const nameOf = (file: string, folders = 1): string => {
    const name = steps(file).slice(-folders).join('/');
    const isOnly = files.every((other) => other === file || steps(other).slice(-folders).join('/') !== name);
    return isOnly ? name : nameOf(file, folders + 1);
  };
  return new Map(files.map((file) => [nameOf(file), file]));
}
