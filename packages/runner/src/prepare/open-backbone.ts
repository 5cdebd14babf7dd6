import path from 'node:path';
import { readCheckpoint } from '@farout/checkpoints';
import {
  FaroutError,
  notFiniteFix,
  StateDict,
  type Backbone,
  type BackboneDefinition,
  type BackboneFiles,
  type ImageAccess,
} from '@farout/core';
import { notFinite, writeOnnx } from '@farout/tensor';
import type { Experiment } from '../experiment.ts';
import { featureGraph, imageAccess } from '../extraction/image-graph.ts';
import { settled } from '../plugins/settled.ts';
import { hashBytes } from '../store/hash.ts';
import { atPlace } from '../plugins/at-place.ts';
import { compareOutput, randomPixels, type ScoredFile } from './compare-output.ts';
import { compareWithFile, type ReadModel } from './compare-with-file.ts';
import { openOnnx } from './open-onnx.ts';

/** A backbone whose weights are read and whose graph is written. */
export interface OpenedBackbone {
  readonly head: Backbone['head'];
  readonly images: ImageAccess;
  /** The feature graph with its weights, an ONNX model. */
  readonly graph: Uint8Array;
  /** SHA-256 of the graph. */
  readonly hash: string;
  /** SHA-256 of the last layer with its weights. */
  readonly headHash: string;
  /** D, how many features an image has. */
  readonly featureWidth: number;
  /** K, how many classes. */
  readonly classes: number;
  /** The ONNX file whose output the logits are held to. */
  readonly scored?: ScoredFile;
  /** What the user should know of it, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Opens the experiment's backbone. The files are read here, and what the backbone did not take of them is an error; a
 * network out of an ONNX file is compared with that file.
 * @throws FaroutError OOD_CHECKPOINT_REFUSED, OOD_CHECKPOINT_MISMATCH, OOD_WEIGHTS_INVALID, OOD_ONNX_REFUSED at the place of the weights;
 *   OOD_PLUGIN_FAILED with what the backbone itself throws.
 */
export async function openBackbone({ backbone: { definition, params, placeOf } }: Experiment): Promise<OpenedBackbone> {
  return atPlace(placeOf('weights'), async () => {
    const opened: StateDict[] = [];
    const notes: string[] = [];
    const read = new Map<string, ReadModel>();
    const files: BackboneFiles = {
      stateDict: async (file) => {
        const state = new StateDict(await readCheckpoint(file), path.basename(file));
        opened.push(state);
        return state;
      },
      onnx: (file) => openOnnx(file, (model) => read.set(file, model)),
    };
    const backbone = await open(definition, params, files);
    const { weight, bias } = backbone.head;
    const [classes, featureWidth] = weight.shape as [number, number];
    for (const state of opened) state.finish(definition.name, classes);
    checkHead(definition.name, backbone.head);
    const images = imageAccess(backbone, params);
    const graph = featureGraph(images);
    for (const model of read.values()) await compareWithFile(model);
    const scored = scoredFile(backbone, read.values());
    if (scored) await compareOutput(scored, { images, head: backbone.head }, randomPixels(params.crop));
    const hashes = { hash: hashBytes(graph), headHash: hashBytes(writeOnnx({ weight, bias })) };
    const { head } = backbone;
    const said = [...notes, ...(backbone.notes ?? [])];
    return { head, images, graph, ...hashes, featureWidth, classes, notes: said, ...(scored && { scored }) };
  });
}

/** The file that has the output which a backbone says it was read from. */
function scoredFile({ output }: Backbone, models: Iterable<ReadModel>): ScoredFile | undefined {
  const read = [...models].find(({ model }) => model.outputs.some(({ name }) => name === output?.name));
  return output && read && { read, output };
}

/** What a backbone has from elsewhere than a checkpoint or an ONNX file is looked at here. */
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

async function open(
  { name, open }: BackboneDefinition,
  params: Experiment['backbone']['params'],
  files: BackboneFiles,
): Promise<Backbone> {
  try {
    return await settled(Promise.resolve(open(params, files)));
  } catch (error) {
    if (error instanceof FaroutError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new FaroutError('OOD_PLUGIN_FAILED', `the backbone "${name}" cannot be opened: ${message}`, { cause: error });
  }
}
