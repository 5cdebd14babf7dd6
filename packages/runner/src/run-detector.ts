import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseNpy } from '@farout/checkpoints';
import {
  FaroutError,
  headLogits,
  traceHooks,
  type FittedValue,
  type HookDefinition,
  type ImageAccess,
  type Learnt,
  type RunResults,
  type ScorerDefinition,
  type SymbolicScorer,
  type TraceablePart,
  z,
} from '@farout/core';
import type { Tensor } from '@farout/tensor';
import { loadExperiment } from './config/load.ts';
import { isMadeSet, stepsOf, type Detector, type Experiment, type Part } from './experiment.ts';
import { featuresOf } from './extraction/graphs.ts';
import { inputOf, type ImageInput } from './extraction/read-image.ts';
import { ForeignFiles } from './extraction/trials.ts';
import { soundScore } from './fit/sound-score.ts';
import { hashIn, readManifest, resultsFile, type Manifest } from './output/manifest.ts';
import { markBytes } from './extraction/read-image.ts';
import { isFileSpecifier, type BuiltIn } from './plugins/load.ts';
import { openBackbone, type OpenedBackbone } from './prepare/backbone.ts';
import { openDatasets } from './prepare/datasets.ts';
import { relocated, type Relocation, type SavedPlaces } from './relocate.ts';
import { licenceOf, refuseOtherWeights } from './run-weights.ts';

/** Which detector of which run to open and how, and where its weights and ID images are now. */
export interface RunDetectorRequest extends Relocation {
  /** Absolute path of the run folder. */
  readonly folder: string;
  /** Its name in the run's tables. */
  readonly detector: string;
  readonly builtIns: readonly BuiltIn[];
  /** Plugins that may be loaded. Those that the run names are not loaded unless they are listed here. */
  readonly plugins: readonly string[];
  /** Overrides, `path=value`, for what `weights` and `data` cannot express. */
  readonly set: readonly string[];
  /** Base of relative paths. */
  readonly cwd: string;
}

/** A detector of a finished run with the network it was fitted on, ready to be traced. */
export interface RunDetector {
  readonly results: RunResults;
  /** The run's experiment with only this detector, and without its OOD sets. */
  readonly experiment: Experiment;
  readonly backbone: OpenedBackbone;
  readonly hooks: readonly TraceablePart<HookDefinition>[];
  readonly scorer: TraceablePart<SymbolicScorer>;
  /**
   * The images that it learnt from or that chose its parameters: the first six bytes of each SHA-256, ascending. Undefined
   * if the run does not record them. For a part that learns, these are all images that any part of the run learnt from.
   */
  readonly seen: Uint8Array | undefined;
  /** The licence terms of the weights, if a manifest that lists these exact files states them. */
  readonly licence: string | undefined;
}

/**
 * Opens a detector of a finished run: the network from its weights, and what its parts learnt from the run folder.
 * The folder may come from anyone: no code runs except that of the plugins that the request names.
 *
 * @throws FaroutError OOD_RUN_UNREADABLE if there is no run, or its network differs now; OOD_WEIGHTS_CHANGED if its
 *   weights differ; OOD_BAD_COMMAND for a detector that the run does not have; OOD_EXPORT_REFUSED for one that is not
 *   tensor algebra or whose learnt arrays are not in the folder.
 */
export async function openRunDetector(request: RunDetectorRequest): Promise<RunDetector> {
  const manifest = await manifestOf(request.folder);
  const { results } = manifest;
  const experiment = await experimentOf(results, request);
  const [detector] = experiment.detectors;
  const parts = await learntParts(detector!, request, manifest);
  const seen = await seenBy(request, manifest);
  const files = new ForeignFiles();
  try {
    const backbone = await openBackbone(experiment, files);
    refuseOtherWeights(results, backbone, request.folder);
    const licence = await licenceOf(backbone, request);
    return { results, experiment, backbone, ...parts, seen, licence };
  } finally {
    await files.close();
  }
}

/**
 * The outputs of a detector for images, float32: the logits without hooks, (N, K), and the score, (N), higher = more in-distribution.
 */
export function traceRunDetector(
  { backbone: { head }, hooks, scorer }: Pick<RunDetector, 'backbone' | 'hooks' | 'scorer'>,
  images: ImageAccess,
): { readonly logits: Tensor; readonly score: Tensor } {
  const features = featuresOf(images);
  const view = traceHooks({ features, head, images }, hooks);
  return { logits: headLogits(features, head), score: soundScore(view, scorer) };
}

async function manifestOf(folder: string): Promise<Manifest> {
  const manifest = await readManifest(folder);
  if (manifest) return manifest;
  throw new FaroutError('OOD_RUN_UNREADABLE', `${folder} is not a run folder: it has no ${resultsFile}`, {
    fix: 'Name the folder of a finished run, such as runs/demo.',
  });
}

/** What is read of a saved experiment, which may come from anyone. */
const savedSchema = z.looseObject({
  seed: z.int(),
  backbone: z.unknown(),
  datasets: z.record(z.string(), z.unknown()),
  id: z.union([z.string(), z.array(z.string())]),
  detectors: z.record(z.string(), z.array(z.record(z.string(), z.record(z.string(), z.unknown())))),
  plugins: z.array(z.string()).default([]),
});

/**
 * The run's experiment with one detector. Only the ID images are looked up: what parts learnt is known, so the sets
 * they learnt from may be missing.
 */
async function experimentOf(results: RunResults, request: RunDetectorRequest): Promise<Experiment> {
  const { data: saved, error } = savedSchema.safeParse(results.experiment);
  if (!saved) throw unreadable(request.folder, `its experiment is invalid: ${error.issues[0]!.message}`);
  refuseUnnamed(saved.plugins, request);
  const { seed, id, detectors } = saved;
  const [fit] = [id].flat();
  const written = Object.hasOwn(detectors, request.detector)
    ? { [request.detector]: detectors[request.detector]! }
    : detectors;
  const without = Object.entries(written).map(([name, parts]) => [name, parts.map(withoutFit)] as const);
  const experiment = { name: results.name, seed, device: 'cpu', id, fit, ood: ['uniform noise'] };
  const { builtIns, plugins, cwd } = request;
  const file = path.join(request.folder, resultsFile);
  // Set by an override, so that plugins are resolved from the user's working directory: a file of that name in the
  // run folder may be someone else's.
  const set = [`plugins=${JSON.stringify(plugins)}`, ...request.set];
  const load = (places: SavedPlaces, absentPaths: boolean) => {
    const text = JSON.stringify({ ...experiment, ...places, detectors: Object.fromEntries(without) });
    return loadExperiment({ file, text, set, cwd, env: {}, builtIns, absentPaths });
  };
  const places = { backbone: saved.backbone, datasets: saved.datasets };
  const isMoved = request.weights !== undefined || request.data !== undefined;
  const loaded = await load(isMoved ? await relocated(places, await load(places, true), request) : places, false);
  return { ...loaded, detectors: [detectorOf(loaded, results, request.detector)] };
}

const withoutFit = (part: Readonly<Record<string, Readonly<Record<string, unknown>>>>) =>
  Object.fromEntries(
    Object.entries(part).map(([name, params]) => [
      name,
      Object.fromEntries(Object.entries(params).filter(([key]) => key !== 'fit')),
    ]),
  );

/** The detector of a row; if its parameters were chosen, the chosen point. */
function detectorOf({ detectors }: Experiment, { thresholds, chosen = {} }: RunResults, name: string): Detector {
  const values = Object.hasOwn(chosen, name) ? JSON.stringify(chosen[name]!.values) : undefined;
  const isChosen = ({ point }: Detector) =>
    point?.of === name &&
    JSON.stringify(Object.fromEntries(point.values.map((each) => [each.label, each.value]))) === values;
  const found = detectors.find((each) => each.name === name) ?? detectors.find(isChosen);
  if (found && Object.hasOwn(thresholds, name)) return { ...found, name };
  throw new FaroutError('OOD_BAD_COMMAND', `the run has no detector "${name}"`, {
    fix: 'Use the name in its tables.',
    choices: { title: 'Detectors of the run', names: Object.keys(thresholds) },
  });
}

function refuseUnnamed(named: readonly string[], { plugins, cwd }: RunDetectorRequest): void {
  const given = plugins.map((each) => (isFileSpecifier(each) ? path.resolve(cwd, each) : each));
  const unnamed = named.find((each) => !given.includes(each));
  if (unnamed === undefined) return;
  throw new FaroutError('OOD_BAD_COMMAND', `the run uses the plugin ${unnamed}, whose code would run`, {
    fix: `If you trust it, add: --plugin ${unnamed}`,
  });
}

/** The parts of a detector with what the run says they learnt. */
async function learntParts(
  { name, hooks, scorer }: Detector,
  { folder }: RunDetectorRequest,
  manifest: Manifest,
): Promise<Pick<RunDetector, 'hooks' | 'scorer'>> {
  if ('rows' in scorer.definition)
    throw refused(`"${scorer.definition.name}" scores rows with a function, not with tensor algebra`, otherScorer);
  const parts = [...hooks, scorer];
  const twice = parts.find(
    ({ definition }, at) => parts.findIndex((each) => each.definition.name === definition.name) < at,
  );
  if (twice && stepsOf(twice).length > 0)
    throw refused(
      `"${twice.definition.name}" occurs twice in "${name}": the run does not record which one learnt what`,
      otherScorer,
    );
  const all = await Promise.all(parts.map((part) => withLearnt(part, name, folder, manifest)));
  return { hooks: all.slice(0, -1), scorer: all.at(-1) as RunDetector['scorer'] };
}

const otherScorer = 'Export another detector of the run.';

async function withLearnt(
  part: Part<HookDefinition | ScorerDefinition>,
  detector: string,
  folder: string,
  { results: { fitted }, files }: Manifest,
): Promise<TraceablePart<HookDefinition | ScorerDefinition>> {
  const { definition, params } = part;
  const own = ownOf(ownOf(fitted, detector), definition.name) ?? {};
  if (stepsOf(part).length > 0 && Object.keys(own).length === 0)
    throw refused(`the run does not record what "${definition.name}" learnt`, 'Run the experiment again.');
  const learnt: [string, Learnt[string]][] = [];
  for (const [name, value] of Object.entries(own)) learnt.push([name, await arrayOf(name, value, folder, files)]);
  return { definition, params, learnt: Object.fromEntries(learnt) };
}

const ownOf = <T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined =>
  record && Object.hasOwn(record, key) ? record[key] : undefined;

async function seenBy({ folder, detector }: RunDetectorRequest, manifest: Manifest): Promise<Uint8Array | undefined> {
  const { fitted, chosen, datasets } = manifest.results;
  const learns = ownOf(fitted, detector) !== undefined;
  const isChosen = ownOf(chosen, detector) !== undefined;
  const sets = Object.entries(datasets).filter(
    ([, { roles }]) => (learns && roles.includes('fit')) || (isChosen && roles.includes('select')),
  );
  const marks = new Set<string>();
  for (const [name, { contents }] of sets) {
    if (contents === undefined && isMadeSet(name)) continue;
    if (contents === undefined) return undefined;
    const { data } = await arrayIn(contents, folder, manifest.files);
    const hex = Buffer.from(data as Uint8Array).toString('hex');
    for (let at = 0; at < hex.length; at += 2 * markBytes) marks.add(hex.slice(at, at + 2 * markBytes));
  }
  return Buffer.from([...marks].sort().join(''), 'hex');
}

/** A number is float64, like all scalars that parts learn; an array is a file of the run. */
async function arrayOf(
  name: string,
  value: FittedValue,
  folder: string,
  files: Manifest['files'],
): Promise<Learnt[string]> {
  if (typeof value === 'number') return { data: Float64Array.of(value), shape: [] };
  if (!('file' in value))
    throw refused(`"${name}" is an array of more than 64 MB, which is not kept in the run folder`, otherScorer);
  return arrayIn(value.file, folder, files);
}

async function arrayIn(file: string, folder: string, files: Manifest['files']): Promise<Learnt[string]> {
  const known = ownOf(files, file);
  if (known === undefined || (await hashIn(folder, file)) !== known)
    throw unreadable(folder, `${file} is not what the run wrote`);
  return parseNpy(await readFile(path.join(folder, file)));
}

const unreadable = (folder: string, why: string) =>
  new FaroutError('OOD_RUN_UNREADABLE', `the run in ${folder} cannot be used: ${why}`, {
    fix: 'Run the experiment again.',
  });

const refused = (why: string, fix: string) => new FaroutError('OOD_EXPORT_REFUSED', why, { fix });

/** An ID image of a run, and its current location or data. */
export interface IdImage {
  readonly dataset: string;
  readonly id: string;
  readonly image: ImageInput;
}

/** The ID images of a run, in order; every `step`-th of them. */
export async function* idImages({ experiment }: Pick<RunDetector, 'experiment'>, step = 1): AsyncGenerator<IdImage> {
  const datasets = await openDatasets(experiment);
  for (const dataset of experiment.id)
    for (const [at, image] of datasets.get(dataset)!.images.entries())
      if (at % step === 0) yield { dataset, id: image.id, image: await inputOf(image) };
}
