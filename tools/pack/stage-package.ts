import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The parts of a package.json that are not published as they are. */
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly files: readonly string[];
  readonly exports: Conditional;
  readonly imports?: Conditional;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** What a release says in the manifest of every package. */
export interface Release {
  /** The version of all packages, and of what they need of each other. */
  readonly version: string;
  /** The address of the repository, as git knows it; absent as long as there is none. */
  readonly repository?: string | undefined;
}

/** Entries of `exports` or `imports`: where each leads under which condition. */
type Conditional = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The condition under which packages are found as sources, in the repository alone. */
const inRepository = '@farout/source';

/**
 * Copies what is published of a built package: the files of its manifest, and the licence, which is the repository's.
 *
 * Of `dist` come only compiled sources: not the compiler's notes, and nothing whose source is gone. Of the manifest goes
 * what serves the repository alone: Nx, what tests need, and the way to the sources, which are not published. What
 * `imports` takes from another package there is depended on under that name.
 *
 * @param from the package's folder
 * @param to a folder that does not exist yet
 * @param license the file of the licence
 * @param release what the manifest says of the release; without it, the version that is written there
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

/** What npm needs to say by which workflow, and of which commit, an archive was made. */
export const provenance = (repository: string | undefined, folder: string) => ({
  ...(repository !== undefined && {
    repository: { type: 'git', url: repository, directory: `packages/${folder}` },
  }),
  publishConfig: { access: 'public', provenance: true },
});

/** The packages of farout need each other in the very version that they are released with. */
const moved = (dependencies: NonNullable<Manifest['dependencies']>, version: string) =>
  Object.fromEntries(
    Object.entries(dependencies).map(([name, range]) => [name, name.startsWith('@farout/') ? version : range]),
  );

const published = (entries: Conditional): object =>
  Object.fromEntries(
    Object.entries(entries).map(([entry, conditions]) => [entry, { ...conditions, [inRepository]: undefined }]),
  );

/** A package that `imports` names for the repository alone is needed under the name that it has elsewhere, in its version. */
function replaced(dependencies: NonNullable<Manifest['dependencies']>, imports: Conditional): object {
  const elsewhere = new Map(Object.values(imports).map(({ [inRepository]: here, default: there }) => [here, there]));
  return Object.fromEntries(Object.entries(dependencies).map(([name, range]) => [elsewhere.get(name) ?? name, range]));
}

const ifAny = (entries: object): object | undefined => (Object.keys(entries).length > 0 ? entries : undefined);
