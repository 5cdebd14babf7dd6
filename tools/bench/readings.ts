import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { traceHooks, traceScore, type Head, type ImageAccess, type SymbolicScorer } from '@farout/core';
import { openSession } from '@farout/runtime';
import { odin } from '@farout/scorers';
import type { Tensor } from '@farout/tensor';
import { openImages, type NetworkName } from './open-model.ts';
import { photographs, recipe } from './photographs.ts';
import {
  featuresOf,
  featuresWhat,
  gradientBatch,
  openPipeline,
  pixelsInput,
  readingGraph,
  type Reading,
} from './runner.ts';
import { inTurns, perSecond, ratios, spreadOf, type Spread } from './turns.ts';

const turns = 7;
/** Images in a turn of the pipeline: about as many seconds on two cores. */
const imagesOfTurn = { 'mobilenet-v2': 640, resnet50: 128 };
/** The duration of a turn of a bare graph. */
const seconds = 3;
const magnitudes = [0.0005, 0.0014, 0.005];

/** The cost of further readings. */
export interface ReadingSpeed {
  /** JPEG → features plus three readings, relative to JPEG → features: images per second. */
  readonly threeMore: Spread;
  /** ODIN at three ε in one graph, as in a run, relative to three graphs one after another: images per second. */
  readonly sharedOdin: Spread;
}

/** Measures the cost of readings that share a pass, with the graphs and processes of a run. */
export async function readingSpeed(data: string, name: NetworkName): Promise<ReadingSpeed> {
  const { images, head } = await openImages(data, name);
  const folder = await mkdtemp(path.join(tmpdir(), 'farout-bench-'));
  try {
    return { threeMore: await threeMore(data, name, images, folder), sharedOdin: await sharedOdin(images, head) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function threeMore(data: string, name: NetworkName, images: ImageAccess, folder: string): Promise<Spread> {
  const features = readingOf(featuresWhat, featuresOf(images), 'forward');
  const taps = [...images.backbone.taps!(images.image).values()].slice(-3);
  const more = taps.map((map, index) => readingOf(`maxima ${index}`, map.max([2, 3]), 'forward'));
  const pipelineOf = async (readings: readonly Reading[]) => {
    const file = path.join(folder, `${readings.length}.onnx`);
    await writeFile(file, readingGraph(readings, 'cpu'));
    return openPipeline(file);
  };
  const pipelines = [await pipelineOf([features]), await pipelineOf([features, ...more])] as const;
  const files = photographs(data);
  const chosen = Array.from({ length: imagesOfTurn[name] }, (_, i) => files[i % files.length]!);
  const [alone, all] = pipelines.map((pipeline) => async () => {
    const start = performance.now();
    await pipeline.extract(chosen);
    return chosen.length / (performance.now() - start);
  });
  try {
    const series = await inTurns({ alone: alone!, all: all! }, turns);
    return spreadOf(ratios(series.all, series.alone));
  } finally {
    await Promise.all(pipelines.map((pipeline) => pipeline.close()));
  }
}

async function sharedOdin(images: ImageAccess, head: Head): Promise<Spread> {
  const readings = magnitudes.map((magnitude) =>
    readingOf(`ODIN ${magnitude}`, odinScore(images, head, magnitude), 'image'),
  );
  const open = (some: readonly Reading[]) => openSession(Buffer.concat(readingGraph(some, 'cpu')), { threads: 1 });
  const shared = await open(readings);
  const apart = await Promise.all(readings.map((reading) => open([reading])));
  const data = Uint8Array.from({ length: gradientBatch * recipe.crop ** 2 * 3 }, (_, i) => (i * 7919) % 256);
  const feed = { [pixelsInput]: { data, shape: [gradientBatch, recipe.crop, recipe.crop, 3] } };
  const rateOf = (sessions: typeof apart) => () =>
    perSecond(seconds, async () => {
      for (const session of sessions) await session.run(feed);
    });
  try {
    const series = await inTurns({ apart: rateOf(apart), shared: rateOf([shared]) }, turns);
    return spreadOf(ratios(series.shared, series.apart));
  } finally {
    await Promise.all([shared, ...apart].map((session) => session.release()));
  }
}

function odinScore(images: ImageAccess, head: Head, magnitude: number): Tensor {
  const context = traceHooks({ features: featuresOf(images), head, images }, []);
  const params = odin.params!.parse({ magnitude });
  return traceScore(context, { definition: odin as SymbolicScorer, params, learnt: {} }).reshape(['N', 1]);
}

const readingOf = (what: string, tensor: Tensor, graph: Reading['graph']): Reading => ({
  key: what.replaceAll(/\W/g, '_'),
  what,
  tensor,
  graph,
});
