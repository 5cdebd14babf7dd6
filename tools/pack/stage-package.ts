import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The parts of a package.json that change for publication. */
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly files: readonly string[];
  readonly exports: Conditional;
  readonly imports?: Conditional;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** The release data in the manifest of every package. */
export interface Release {
  /** The version of all packages and their dependencies on each other. */
  readonly version: string;
  /** The git address of the repository, if there is one. */
  readonly repository?: string | undefined;
}

/** Entries of `exports` or `imports`: targets by condition. */
type Conditional = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The condition that resolves packages to sources, only within the repository. */
const inRepository = '@farout/source';

/**
 * Copies the publishable files of a built package: the files in its manifest, and the licence of the repository.
 *
 * From `dist` it copies only compiled sources: no build info, and nothing whose source is gone. From the manifest it removes what only the repository
 * needs: Nx, test dependencies, and the condition for sources, which are not published. A package that `imports` maps to another name becomes a
 * dependency under that name.
 *
 * @param from the package's folder
 * @param to a folder that does not exist yet
 * @param license the licence file
 * @param release the release data for the manifest; default: the version in the manifest
 */
export function stagePackage(from: string, to: string, license: string, release?: Release): void {
  const manifest = JSON.parse(readFileSync(path.join(from, 'package.json'), 'utf8')) as Manifest;
  for (const name of manifest.files) {
    if (name === 'LICENSE') cpSync(license, path.join(to, name));
    else cpSync(path.join(from, name), path.join(to, name), { recursive: true, filter: isPublishedOf(from) });
  }
  const published = publishedManifest(manifest, release ?? manifest, path.basename(from));
  writeFileSync(path.join(to, 'package.json'), `${JSON.stringify(published, undefined, 2)}\n`);
}

const isPublishedOf = (packageFolder: string) => (file: string) => {
  const [place, ...steps] = path.relative(packageFolder, file).split(path.sep);
  if (place !== 'dist') return true;
  const source = path.join(packageFolder, 'src', ...steps);
  return existsSync(source) || existsSync(source.replace(/(\.d\.ts|\.js)$/, '.ts'));
};

function publishedManifest(manifest: Manifest, release: Release, folder: string): object {
  const { exports, imports = {}, dependencies = {}, ...rest } = manifest;
  return {
    ...rest,
    version: release.version,
    exports: published(exports),
    imports: ifAny(published(imports)),
    dependencies: ifAny(replaced(moved(dependencies, release.version), imports)),
    nx: undefined,
    devDependencies: undefined,
    ...provenance(release.repository, folder),
  };
}

/** What npm needs for provenance: which workflow and commit an archive was made from. */
export const provenance = (repository: string | undefined, folder: string) => ({
  ...(repository !== undefined && {
    repository: { type: 'git', url: repository, directory: `packages/${folder}` },
  }),
  publishConfig: { access: 'public', provenance: true },
});

/** Packages of farout depend on each other in exactly the released version. */
const moved = (dependencies: NonNullable<Manifest['dependencies']>, version: string) =>
  Object.fromEntries(
    Object.entries(dependencies).map(([name, range]) => [name, name.startsWith('@farout/') ? version : range]),
  );

const published = (entries: Conditional): object =>
  Object.fromEntries(
    Object.entries(entries).map(([entry, conditions]) => [entry, { ...conditions, [inRepository]: undefined }]),
  );

/** A package that `imports` replaces within the repository becomes a dependency under its published name and version. */
function replaced(dependencies: NonNullable<Manifest['dependencies']>, imports: Conditional): object {
  const elsewhere = new Map(Object.values(imports).map(({ [inRepository]: here, default: there }) => [here, there]));
  return Object.fromEntries(Object.entries(dependencies).map(([name, range]) => [elsewhere.get(name) ?? name, range]));
}

const ifAny = (entries: object): object | undefined => (Object.keys(entries).length > 0 ? entries : undefined);
