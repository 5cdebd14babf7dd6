import path from 'node:path';
import { verifyPulled } from '@farout/acquire/manifests';
import { readCheckpoint, readOnnxFile } from '@farout/checkpoints';
import {
  FaroutError,
  headInput,
  notFiniteFix,
  StateDict,
  type Backbone,
  type BackboneFiles,
  type Device,
  type FileOutput,
  type ImageAccess,
  type SourcePlace,
} from '@farout/core';
import { OnnxError, readOnnx, writeOnnx, type OnnxModel } from '@farout/onnx';
import { input, notFinite, type Dimension, type Tensor } from '@farout/tensor';
import type { Experiment } from '../experiment.ts';
import { hashImage } from '../extraction/read-image.ts';
import { givenAccess } from '../extraction/given-rows.ts';
import { featureGraph, imageAccess, type GraphParts } from '../extraction/graphs.ts';
import { atPlace, settled } from '../plugins/failure.ts';
import { hashBytes } from '../store/entries.ts';
import { compareWithFile, runFile, type FileResults, type ReadModel } from './compare-with-file.ts';
import { byName } from './file-names.ts';
import type { ListedDataset } from '../extraction/look-up.ts';
import { tryGraph, type ForeignFiles } from '../extraction/trials.ts';

/** A backbone with its weights read and its graph written. */
export interface OpenedBackbone {
  readonly head: Backbone['head'];
  readonly images: ImageAccess;
  /** The feature graph with its weights, an ONNX model. */
  readonly graph: GraphParts;
  /** SHA-256 of the graph. */
  readonly hash: string;
  /** SHA-256 of the last layer with its weights. */
  readonly headHash: string;
  /** D, the number of features of an image. */
  readonly featureWidth: number;
  /** K, the number of classes. */
  readonly classes: number;
  /**
   * SHA-256 of the files it was opened from, by name, including the data files of an ONNX file. Files with the same
   * name are distinguished by as many parent folders as necessary.
   */
  readonly files: Readonly<Record<string, string>>;
  /** Where the experiment names the file it was opened from. */
  readonly place: SourcePlace;
  /** The ONNX file whose output the logits must match. */
  readonly scored?: ScoredFile;
  /** The device on which the feature graph has already been tested, run as workers will run it. */
  readonly triedOn?: Device;
  /** Which published weights it uses, if the experiment names none: their source and licence terms. */
  readonly weights?: string;
  /** What the user should know about it, one sentence each. */
  readonly notes: readonly string[];
}

/** A file, and which of its outputs the head's logits must match. */
export interface ScoredFile {
  readonly read: ReadModel;
  readonly output: FileOutput;
}

/**
 * Opens the experiment's backbone. The files are read here; any weights that the backbone did not use are an error. A
 * network from an ONNX file is compared with that file, and its graph is run once, each in a separate process.
 *
 * @throws FaroutError OOD_CHECKPOINT_REFUSED, OOD_CHECKPOINT_MISMATCH, OOD_WEIGHTS_INVALID, OOD_ONNX_REFUSED at the
 *   place of the file; OOD_PLUGIN_FAILED with the error of the backbone itself.
 */
export async function openBackbone({ backbone: part }: Experiment, foreign: ForeignFiles): Promise<OpenedBackbone> {
  const { definition, params, published } = part;
  const files = new ReadFiles(part);
  return atPlace(
    () => files.place,
    async () => {
      const weights = published && `${definition.name} uses its published weights: ${await verifyPulled(published)}`;
      const { stateDict, onnx, states, models: read } = files;
      const backbone = await open(part, { stateDict, onnx });
      const { weight } = backbone.head;
      const [classes, featureWidth] = weight.shape as [number, number];
      for (const { state, place } of states) await atPlace(place, () => state.finish(definition.name, classes));
      checkHead(definition.name, backbone.head);
      const { graph, ...built } = definition.over
        ? { graph: [Buffer.from(`${featureWidth} features`)], images: givenAccess(featureWidth, new Map()) }
        : await featureGraphOf(backbone, definition.name, params, { read, foreign });
      const scored = scoredFile(backbone, read.values());
      const headHash = hashBytes(writeOnnx(headTensors(backbone.head)));
      const hashes = { hash: hashBytes(graph), headHash, files: await files.hashes() };
      const { head } = backbone;
      const { place } = files;
      const notes = [...files.notes, ...(backbone.notes ?? [])];
      const known = { ...(weights !== undefined && { weights }), ...(scored && { scored }) };
      return { head, graph, ...built, ...hashes, featureWidth, classes, place, notes, ...known };
    },
  );
}

/** The same with the feature maps of the datasets, if they provide the features. */
export const withGiven = (backbone: OpenedBackbone, datasets: ReadonlyMap<string, ListedDataset>): OpenedBackbone =>
  backbone.images.given ? { ...backbone, images: givenAccess(backbone.featureWidth, datasets) } : backbone;

/** The files that a backbone reads through the host, and the results. */
class ReadFiles implements BackboneFiles {
  readonly #part: Experiment['backbone'];
  /** Where the experiment names the last file read; the backbone's place for a file that no parameter names. */
  place: SourcePlace;
  readonly states: { readonly state: StateDict; readonly place: SourcePlace }[] = [];
  readonly models = new Map<string, ReadModel>();
  readonly notes: string[] = [];
  readonly #paths = new Set<string>();

  constructor(part: Experiment['backbone']) {
    this.#part = part;
    this.place = part.place;
  }

  readonly stateDict: BackboneFiles['stateDict'] = (file, which) =>
    this.#reading(file, async (place) => {
      const name = path.basename(file);
      const onNote = (sentence: string) => this.notes.push(`${name}: ${sentence}`);
      const state = new StateDict(await readCheckpoint(file, { ...which, onNote }), name);
      this.states.push({ state, place });
      return state;
    });

  readonly onnx: BackboneFiles['onnx'] = (file) =>
    this.#reading(file, () =>
      openOnnx(
        file,
        (model) => this.models.set(file, model),
        (beside) => this.#paths.add(beside),
      ),
    );

  /** SHA-256 of the files that were read, by name. */
  async hashes(): Promise<Readonly<Record<string, string>>> {
    const all = [...byName([...this.#paths])].map(
      async ([name, file]) => [name, await hashImage({ path: file })] as const,
    );
    return Object.fromEntries(await Promise.all(all));
  }

  /** Several files may be read at once; errors in each are reported where the experiment names it. */
  #reading<T>(file: string, read: (place: SourcePlace) => Promise<T>): Promise<T> {
    const { params, place, placeOf } = this.#part;
    const parameter = Object.keys(params).find((name) => params[name] === file);
    const own = parameter === undefined ? place : placeOf(parameter);
    this.place = own;
    this.#paths.add(file);
    return atPlace(own, () => read(own));
  }
}

/** The feature graph: for batches, or for single images if a network from a file gives different results in batches. */
async function featureGraphOf(
  backbone: Backbone,
  name: string,
  params: Experiment['backbone']['params'],
  { read, foreign }: { readonly read: ReadonlyMap<string, ReadModel>; readonly foreign: ForeignFiles },
): Promise<Pick<OpenedBackbone, 'images' | 'graph' | 'triedOn'>> {
  const build = (batch: Dimension) => {
    const images = imageAccess(backbone, params, batch);
    try {
      return { images, graph: featureGraph(images) };
    } catch (cause) {
      if (cause instanceof FaroutError) throw cause;
      const code = read.size > 0 ? 'OOD_ONNX_REFUSED' : 'OOD_PLUGIN_FAILED';
      throw new FaroutError(code, `the backbone "${name}" cannot be applied: ${(cause as Error).message}`, { cause });
    }
  };
  const verify = async (built: ReturnType<typeof build>, results: readonly (readonly [string, FileResults])[]) => {
    for (const [file, result] of results) await compareWithFile(read.get(file)!, result);
    if (results.length === 0) return built;
    const triedOn = 'cpu';
    await tryGraph('what it was read as', built.graph, params.crop, triedOn);
    return { ...built, triedOn } as const;
  };
  const inBatches = attempt(() => build('N'));
  const results = await Promise.all(
    [...read].map(async ([file, model]) => [file, await runFile(model, foreign)] as const),
  );
  if ([...read.values()].some(mixesImages)) return verify(build(1), results);
  try {
    return await verify(inBatches(), results);
  } catch (error) {
    if (results.length === 0) throw error;
    return verify(build(1), results);
  }
}

/** Whether its quantisation scales depend on all images of a batch, so that results vary with the batch, by little or by much. */
const mixesImages = ({ model }: ReadModel) => model.nodes.some(({ type }) => type.startsWith('DynamicQuantize'));

/** Captures what a function returns or throws, for later. */
function attempt<T>(work: () => T): () => T {
  try {
    const value = work();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** The file with the output that a backbone says it was read from. */
function scoredFile({ output }: Backbone, models: Iterable<ReadModel>): ScoredFile | undefined {
  const read = [...models].find(({ model }) => model.outputs.some(({ name }) => name === output?.name));
  return output && read && { read, output };
}

/** What determines a last layer: its weights, and the graph before them, if it has one. */
function headTensors(head: Backbone['head']): Readonly<Record<string, Tensor>> {
  const { weight, bias } = head;
  return { weight, bias, ...(head.normalise && { read: headInput(input('features', ['N', weight.shape[1]!]), head) }) };
}

/** Checks weights that do not come from a checkpoint or an ONNX file, which are already checked. */
function checkHead(name: string, { weight, bias }: Backbone['head']): void {
  for (const [member, { origin }] of Object.entries({ weight, bias })) {
    if (origin.kind !== 'constant') continue;
    const found = notFinite(origin.array, { masks: member === 'bias' });
    if (found === undefined) continue;
    const which = origin.name ?? member;
    throw new FaroutError(
      'OOD_WEIGHTS_INVALID',
      `the backbone "${name}" has a last layer that is not finite: ${which}: ${found}`,
      { fix: notFiniteFix },
    );
  }
}

async function open({ definition, params, placeOf }: Experiment['backbone'], files: BackboneFiles): Promise<Backbone> {
  const { name, open } = definition;
  try {
    return await settled(Promise.resolve(open(params, files)));
  } catch (error) {
    if (error instanceof FaroutError) {
      // The backbone's own file errors begin with the file's name.
      const at = Object.keys(params).find((each) => error.message.startsWith(`${String(params[each])}: `));
      return at === undefined ? Promise.reject(error) : atPlace(placeOf(at), () => Promise.reject(error));
    }
    const message = error instanceof Error ? error.message : String(error);
    throw new FaroutError('OOD_PLUGIN_FAILED', `the backbone "${name}" cannot be opened: ${message}`, { cause: error });
  }
}

/**
 * The network in an ONNX file. `onTrace` is called whenever it is applied to inputs, `onBeside` for each external data file.
 *
 * @throws FaroutError OOD_ONNX_REFUSED, OOD_WEIGHTS_INVALID, OOD_MISSING_FILE
 */
export async function openOnnx(
  file: string,
  onTrace?: (read: ReadModel) => void,
  onBeside?: (file: string) => void,
): Promise<OnnxModel> {
  const { bytes, external } = await readOnnxFile(file);
  const reading: typeof external = (name, ...stretch) => {
    onBeside?.(path.join(path.dirname(file), name));
    return external(name, ...stretch);
  };
  const model = await naming(file, () => readOnnx(bytes, reading));
  const trace: OnnxModel['trace'] = (inputs) => {
    onTrace?.({ file, model, inputs });
    try {
      return model.trace(inputs);
    } catch (error) {
      throw refusal(file, error);
    }
  };
  return { ...model, trace };
}

async function naming<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw refusal(file, error);
  }
}

/** A refusal prefixed with the name of the file; any other error unchanged. */
function refusal(file: string, error: unknown): unknown {
  if (!(error instanceof OnnxError)) return error;
  return new FaroutError(error.code, `${path.basename(file)}: ${error.message}`, {
    fix: error.code === 'OOD_WEIGHTS_INVALID' ? notFiniteFix : exportAgain,
    cause: error,
  });
}

const exportAgain =
  'Export the classifier again: in operator set 7 or newer, for images of one size, without control flow, sparse constants or functions.';
