import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import satisfies from 'spdx-satisfies';

/** Licences allowed for dependencies. */
const permitted = [
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Unlicense',
];

/** libvips, which sharp loads as a replaceable shared library, as the LGPL requires. */
const loaded = /^@img\/sharp-(libvips-|win32-|wasm32)/;
const ofLoaded = [...permitted, 'LGPL-3.0-or-later'];

/** Packages whose scripts are not needed, so that installation works with --ignore-scripts. */
const idle: Readonly<Record<string, string>> = {
  'msgpackr-extract': 'it compiles what it has as a binary already; msgpackr, which bullmq needs, works without it',
  protobufjs: 'it warns of a range of its version that may be too wide',
};

const atInstall = ['preinstall', 'install', 'postinstall'];

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly license?: unknown;
  readonly scripts?: Readonly<Record<string, string>>;
}

/** The packages installed along with ours. */
export interface Installed {
  readonly packages: number;
  /** How many packages have each licence. */
  readonly licences: ReadonlyMap<string, number>;
  readonly faults: readonly string[];
}

/** Checks the licences and install scripts of all packages below node_modules of a folder. */
export function checkInstalled(folder: string): Installed {
  const manifests = packagesIn(path.join(folder, 'node_modules')).map(
    (each) => JSON.parse(readFileSync(path.join(each, 'package.json'), 'utf8')) as Manifest,
  );
  const licences = new Map<string, number>();
  for (const { license } of manifests) licences.set(String(license), (licences.get(String(license)) ?? 0) + 1);
  return { packages: manifests.length, licences, faults: manifests.flatMap(faultsOf) };
}

function faultsOf({ name = '', version = '', license, scripts = {} }: Manifest): string[] {
  const script = name in idle ? undefined : atInstall.find((each) => each in scripts);
  return [
    ...(isPermitted(name, license) ? [] : [`${name} ${version} has the licence ${JSON.stringify(license)}`]),
    ...(script === undefined ? [] : [`${name} ${version} has a script "${script}"`]),
  ];
}

function isPermitted(name: string, license: unknown): boolean {
  if (typeof license !== 'string') return false;
  try {
    return satisfies(license, loaded.test(name) ? ofLoaded : permitted);
  } catch {
    // Not an SPDX expression, such as "SEE LICENSE IN …", so it cannot be checked by a program.
    return false;
  }
}

/** The folders of packages, including nested ones. */
function packagesIn(modules: string): string[] {
  if (!existsSync(modules)) return [];
  const names = readdirSync(modules).filter((name) => !name.startsWith('.'));
  const folders = names.flatMap((name) =>
    name.startsWith('@') ? readdirSync(path.join(modules, name)).map((inner) => `${name}/${inner}`) : [name],
  );
  return folders
    .map((name) => path.join(modules, name))
    .filter((each) => existsSync(path.join(each, 'package.json')))
    .flatMap((each) => [each, ...packagesIn(path.join(each, 'node_modules'))]);
}
