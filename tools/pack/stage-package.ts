import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The parts of a package.json that are not published as they are. */
interface Manifest {
  readonly files: readonly string[];
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * Copies what is published of a built package: the files of its manifest, and the licence, which is the repository's.
 *
 * Of `dist` come only compiled sources: not the compiler's notes, and nothing whose source is gone. Of the manifest goes
 * what serves the repository alone: Nx, what tests need, and the way to the sources, which are not published.
 *
 * @param from the package's folder
 * @param to a folder that does not exist yet
 * @param license the file of the licence
 */
export function stagePackage(from: string, to: string, license: string): void {
  const manifest = JSON.parse(readFileSync(path.join(from, 'package.json'), 'utf8')) as Manifest;
  for (const name of manifest.files) {
    if (name === 'LICENSE') cpSync(license, path.join(to, name));
    else cpSync(path.join(from, name), path.join(to, name), { recursive: true, filter: isPublishedOf(from) });
  }
  writeFileSync(path.join(to, 'package.json'), `${JSON.stringify(publishedManifest(manifest), undefined, 2)}\n`);
}

const isPublishedOf = (packageFolder: string) => (file: string) => {
  const [place, ...steps] = path.relative(packageFolder, file).split(path.sep);
  if (place !== 'dist') return true;
  const source = path.join(packageFolder, 'src', ...steps);
  return existsSync(source) || existsSync(source.replace(/(\.d\.ts|\.js)$/, '.ts'));
};

function publishedManifest(manifest: Manifest): object {
  const exports = Object.entries(manifest.exports).map(([entry, conditions]) => [
    entry,
    { ...conditions, '@farout/source': undefined },
  ]);
  return { ...manifest, exports: Object.fromEntries(exports) as object, nx: undefined, devDependencies: undefined };
}
