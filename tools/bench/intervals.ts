import { availableParallelism } from 'node:os';
import { metrics as plugin } from '@farout/metrics';
import { startScikitLearn, hasScikitLearn } from '../../packages/metrics/tests/scikit-learn/scikit-learn.ts';
import { drawAll, type DrawableMetric } from '../../packages/runner/src/evaluate/draw-threads.ts';
import { evaluate } from '../../packages/runner/src/evaluate/evaluate.ts';
import { drawnSets, spreadOf, type Compared } from '../../packages/runner/src/evaluate/intervals.ts';
import { shared } from '../../packages/runner/src/evaluate/rankings.ts';
import type { DatasetScores } from '../../packages/runner/src/score/on-features.ts';
import { noise } from '../../packages/linalg/tests/parts/matrices.ts';

/** The time that bootstrap draws take. */
export interface DrawSpeed {
  readonly what: string;
  /** Wall-clock seconds, and CPU seconds divided by the number of cores: equal on a quiet machine. */
  readonly wall: number;
  readonly cpu: number;
  /** The limit in seconds. */
  readonly asked: number;
  /** How many times longer scikit-learn would take for three metrics per draw; undefined without scikit-learn. */
  readonly timesScikitLearn: number | undefined;
}

const [detectorCount, setCount, imageCount] = [50, 5, 10_000];

/** A description of the measurement. */
export const drawnWhat = `${detectorCount} detectors × ${setCount} sets × ${imageCount.toLocaleString('en')} images`;

/** Measures draws of all built-in metrics, with intervals and errors of all differences, and more draws of two metrics. */
export async function drawSpeeds(): Promise<DrawSpeed[]> {
  const compared = comparison();
  const sets = drawnSets(compared);
  const two = ['fpr95', 'auroc'].map((name): DrawableMetric => {
    const { value } = plugin.metrics!.find((metric) => metric.name === name)!;
    const [draws, module] = [10_000, compared.modules!.get(name)!];
    return { name, value, module, draws, numbers: shared(Float64Array, detectorCount * setCount * draws) };
  });
  const one = await scikitLearnSeconds(compared);
  const times = (draws: number, seconds: number) =>
    one === undefined ? undefined : (one * draws * detectorCount * setCount) / availableParallelism() / seconds;
  const all = await timed(() => spreadOf(compared, options));
  const more = await timed(() => drawAll(sets, two, options));
  return [
    {
      what: '2,000 draws of all built-in metrics, intervals, errors of differences',
      ...all,
      asked: 60,
      timesScikitLearn: times(2000, all.cpu),
    },
    { what: '10,000 draws of fpr95 and auroc', ...more, asked: 60, timesScikitLearn: times(10_000, more.cpu) },
  ];
}

const nothing = () => undefined;
const options = { progress: { start: nothing, advance: nothing, stop: nothing }, signal: new AbortController().signal };

function comparison(): Compared {
  const detectors = Array.from({ length: detectorCount }, (_, at) => `detector ${at}`);
  const id = scoresOf(detectors, 0.8, 1);
  const ood = new Map(Array.from({ length: setCount }, (_, at) => [`set ${at}`, scoresOf(detectors, 0, at + 2)]));
  const metrics = plugin.metrics!;
  const { results } = evaluate(detectors, id, ood, metrics);
  const modules = new Map(metrics.map(({ name }) => [name, import.meta.resolve('@farout/metrics')]));
  return { detectors, id, ood, groups: {}, metrics, results, seed: 0, modules };
}

/** Bell-shaped scores around `mean`. */
function scoresOf(detectors: readonly string[], mean: number, seed: number): DatasetScores {
  const next = noise(seed);
  const images = Array.from({ length: imageCount }, (_, image) => ({ id: `${image}`, path: `/${image}` }));
  const scores = detectors.map(
    (name) => [name, Float32Array.from(images, () => mean + next() + next() + next())] as const,
  );
  return { images, predicted: new Int32Array(imageCount), scores: new Map(scores) };
}

/** The time of one draw for one pair of sets. */
async function scikitLearnSeconds({ id, ood, detectors }: Compared): Promise<number | undefined> {
  if (!hasScikitLearn()) return undefined;
  const scikitLearn = startScikitLearn();
  const [own, others] = [id, ood.get('set 0')!].map(({ scores }) => scores.get(detectors[0]!)!) as [
    Float32Array,
    Float32Array,
  ];
  const seconds: number[] = [];
  for (let turn = 0; turn < 9; turn++) seconds.push((await scikitLearn.measure(own, others)).milliseconds / 1000);
  scikitLearn.close();
  return seconds.sort((a, b) => a - b)[4]!;
}

async function timed(work: () => Promise<unknown>): Promise<{ wall: number; cpu: number }> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return { wall: (performance.now() - start) / 1000, cpu: (user + system) / 1e6 / availableParallelism() };
}
