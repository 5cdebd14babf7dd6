import { manifestsAround, readManifest, type Manifest } from '@farout/acquire/manifests';
import { FaroutError, type RunResults } from '@farout/core';
import { loadCatalogue, type BuiltIn } from './plugins/load.ts';
import type { OpenedBackbone } from './prepare/backbone.ts';

/**
 * Checks that a network is that of a run. A newer farout may write a different graph from the same files; its outputs
 * are then compared with the run's scores.
 *
 * @throws FaroutError OOD_WEIGHTS_CHANGED if it was read from other files; OOD_RUN_UNREADABLE if it differs and the
 *   run names no files.
 */
export function refuseOtherWeights({ hashes }: RunResults, backbone: OpenedBackbone, folder: string): void {
  const { hash, headHash, files } = backbone;
  if (hashes.backbone === hash && hashes.head === headHash) return;
  const [known, found] = [hashes.weights ?? {}, files];
  const changed = Object.entries(found).find(([, sha256]) => !Object.values(known).includes(sha256));
  if (Object.keys(known).length > 0 && changed) throw othersNow(changed, known, folder);
  if (Object.keys(known).length > 0 && Object.keys(found).length > 0) return;
  throw new FaroutError(
    'OOD_RUN_UNREADABLE',
    `the run in ${folder} cannot be used: its network has changed since, in its weights or their parameters`,
    { fix: 'Run the experiment again.' },
  );
}

function othersNow([name, sha256]: readonly [string, string], known: Readonly<Record<string, string>>, folder: string) {
  const former = Object.hasOwn(known, name) ? [name] : Object.keys(known);
  const was = former.map((each) => `${each}, SHA-256 ${known[each]!}`).join('; ');
  return new FaroutError(
    'OOD_WEIGHTS_CHANGED',
    `${name} is not the file that the run in ${folder} used for its network: its SHA-256 is ${sha256}, but was ${was}`,
    { fix: "Give the path of the run's weights with --weights, or run the experiment again." },
  );
}

/**
 * The licence terms of weights, from manifests that list these exact files by SHA-256: those of plugins, and those in
 * `models` folders beside and above the working directory. Undefined unless they are known for every file.
 */
export async function licenceOf(
  { files }: Pick<OpenedBackbone, 'files'>,
  {
    builtIns,
    plugins,
    cwd,
  }: { readonly builtIns: readonly BuiltIn[]; readonly plugins: readonly string[]; readonly cwd: string },
): Promise<string | undefined> {
  const hashes = Object.values(files);
  if (hashes.length === 0) return undefined;
  const { manifests } = await loadCatalogue({
    builtIns,
    plugins: plugins.map((specifier) => ({ specifier, folder: cwd })),
  });
  const brought = await Promise.all([...manifests.values()].map((place) => readManifest(place)));
  const all = [...brought, ...(await manifestsAround(cwd)).values()].filter((each) => each !== undefined);
  const terms = hashes.map((hash) => all.find((manifest) => gives(manifest, hash))?.source.license);
  return terms.includes(undefined) ? undefined : [...new Set(terms)].join('; ');
}

const gives = ({ source }: Manifest, hash: string) =>
  source.role === 'weights' && source.files.some(({ sha256 }) => sha256 === hash);
