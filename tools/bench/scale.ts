// The time of detectors on as many features as ImageNet's test set, relative to their bare operations and to the code of others.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { atMost, type Check } from '../fidelity/check.ts';
import { openScoring, readyDetectors, scoreByRows, type ReadyDetectors } from './runner.ts';
import { bareOperations, openBare } from './scale-bare.ts';
import { writeScaleData } from './scale-data.ts';
import { withoutBank, writeExperiment, type Place } from './scale-experiments.ts';
import { growth } from './scale-growth.ts';
import { openPeer, python, type Peer } from './scale-python.ts';
import { compareInTurns, showSpread, spentOn, type Spent, type Spread } from './turns.ts';

const size = { width: 2048, classes: 1000 };
/** Rows to score, and rows per class for fitting. */
const rows = { test: 50_000, fit: 8 };

/** Speed at scale, on synthetic features in a temporary folder: 50,000 × 2,048, a thousand classes. */
export async function* scale(): AsyncGenerator<Check> {
  const folder = await mkdtemp(path.join(tmpdir(), 'farout-scale-'));
  try {
    const place = { folder, data: await writeScaleData(folder, size, rows) };
    if (spawnSync(python, ['-c', 'import torch']).status === 0) yield* besidePeer(place, openPeer(place.data));
    else yield says('PyTorch and LAPACK', `no torch in ${python}`);
    yield await scoring(place);
    yield* apart(place);
    yield* growth(folder, size);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const says = (what: string, seen: string): Check => ({ what, seen, asked: '–', holds: true });

/** A ratio of wall-clock and of CPU time. CPU time decides, because other load affects it less. */
const ratio = (what: string, { clock, cpu }: Readonly<Record<keyof Spent, Spread>>, most: number): Check => ({
  ...atMost(what, cpu.median, most),
  seen: `${showSpread(clock, 3)}; in CPU time ${showSpread(cpu, 3)}`,
});

/** All detectors without a bank: all rows in five turns, with bare operations on some rows in between. */
async function scoring(place: Place): Promise<Check> {
  const turns = 5;
  const [limit, few] = [rows.test / turns, 1024];
  const parts = Array.from({ length: turns }, (_, turn) => [`part${turn}`, { from: turn * limit, limit }] as const);
  const stretches = { first: { from: 0, limit: few }, ...Object.fromEntries(parts) };
  const ready = await readyDetectors(writeExperiment(place, 'without-bank', withoutBank, stretches));
  const bare = await Promise.all(
    bareOperations({ D: size.width, K: size.classes, ...learntSizes(ready) }).map(openBare),
  );
  const all = await openScoring(ready);
  let turn = 0;
  const product = async () => {
    const [name, { limit: count }] = Object.entries(stretches)[turn++]!;
    return perRow(count, () => all.score(name));
  };
  const operations = () =>
    perRow(few, async () => {
      for (const each of bare) await each.run(few);
    });
  try {
    const seen = await compareInTurns(product, operations, turns);
    const what = `${rows.test} rows: scoring by ${ready.detectors.length} detectors without a bank ÷ their bare operations`;
    return ratio(what, seen, 1.15);
  } finally {
    await Promise.all([all, ...bare].map((each) => each.close()));
  }
}

async function perRow(count: number, work: () => Promise<void>): Promise<Spent> {
  const { clock, cpu } = await spentOn(work);
  return { clock: clock / count, cpu: cpu / count };
}

/** The dimensions of the fitted spaces of detectors. */
function learntSizes({ detectors }: ReadyDetectors) {
  const directions = (name: string, array: string) =>
    detectors.find((detector) => detector.name === name)!.scorer.learnt[array]!.shape[0]!;
  return {
    residual: directions('residual', 'residual'),
    cop: directions('cop', 'axes'),
    corp: directions('corp', 'axes'),
  };
}

/** Twenty of WeiPer's hundred perturbed layers; its time is proportional to them. */
const weiperRepeats = 20;

/** Detectors that need more than a few products, with their time per image. */
async function* apart(place: Place): AsyncGenerator<Check> {
  const stretches = { some: { from: 0, limit: 1024 }, other: { from: 1024, limit: 1 } };
  const weiper = { WeiPer: { weiper: { repeats: weiperRepeats } } };
  const byRows = await readyDetectors(writeExperiment(place, 'weiper', weiper, stretches));
  const inGraph = await readyDetectors(writeExperiment(place, 'line', { LINe: ['line', 'energy'] }, stretches));
  const line = await openScoring(inGraph);
  const layers = await openBare({ dtype: 'float32', width: size.width, by: { product: size.classes } });
  const spent = {
    weiper: await spentOn(() => scoreByRows(byRows, 'some')),
    layers: await spentOn(() => layers.run(weiperRepeats * 1024)),
    line: await spentOn(() => line.score('some')),
  };
  await Promise.all([line, layers].map((each) => each.close()));
  const milliseconds = ({ cpu }: Spent) => `${((cpu / 1024) * 1000).toFixed(2)} ms of CPU per image`;
  const ofLayers = `${(spent.weiper.cpu / spent.layers.cpu).toFixed(2)} × as many last layers`;
  const what = `WeiPer with ${weiperRepeats} perturbed layers: scoring of 1,024 rows`;
  yield says(what, `${milliseconds(spent.weiper)}, ${ofLayers}`);
  yield says('LINe: scoring of 1,024 rows', milliseconds(spent.line));
}

async function* besidePeer(place: Place, peer: Peer): AsyncGenerator<Check> {
  try {
    // The store has the results of these fits for all other detectors.
    yield* fits(place, peer);
    yield await mahalanobis(place, peer);
    yield await neighbours(place, peer);
  } finally {
    peer.close();
  }
}

/** The rows to score form the bank, and the rows for fitting search neighbours in it. */
async function neighbours({ folder, data }: Place, peer: Peer): Promise<Check> {
  const count = size.classes * rows.fit - 1;
  const stretches = { queries: { from: 0, limit: count }, other: { from: count, limit: 1 } };
  const exchanged = { folder, data: { ...data, test: data.fit } };
  const ready = await readyDetectors(writeExperiment(exchanged, 'knn', { KNN: 'knn' }, stretches, { file: data.test }));
  const product = () => spentOn(() => scoreByRows(ready, 'queries'));
  const seen = await compareInTurns(product, () => peer.work('knn', count, rows.test), 3);
  return ratio(`KNN: ${count} rows, a bank of ${rows.test} ÷ PyTorch's matmul and topk`, seen, 1.35);
}

/** OpenOOD's formula loops over classes: it is run for some, and the time for all is extrapolated. */
async function mahalanobis(place: Place, peer: Peer): Promise<Check> {
  const [count, some] = [500, 20];
  const stretches = { some: { from: 0, limit: count }, other: { from: count, limit: 1 } };
  const ready = await readyDetectors(writeExperiment(place, 'mahalanobis', { Mahalanobis: 'mahalanobis' }, stretches));
  const scores = await openScoring(ready);
  const formula = async () => {
    const { clock, cpu } = await peer.work('mahalanobis', count, some);
    return { clock: (clock * size.classes) / some, cpu: (cpu * size.classes) / some };
  };
  const product = () => spentOn(() => scores.score('some'));
  const { clock, cpu } = await compareInTurns(formula, product, 5);
  await scores.close();
  return {
    what: `Mahalanobis: OpenOOD's formula in PyTorch on ${count} rows (${some} classes, times ${size.classes / some}) ÷ scoring`,
    seen: `${showSpread(clock, 0)}; in CPU time ${showSpread(cpu, 0)}`,
    asked: '≥ 20',
    holds: cpu.median >= 20,
  };
}

/** CPU seconds of fits with eigenvectors, compared with NumPy's for a covariance and all its eigenvectors; moments are reused between fits. */
async function* fits(place: Place, peer: Peer): AsyncGenerator<Check> {
  const stretches = { some: { from: 0, limit: 1 }, other: { from: 1, limit: 1 } };
  for (const [name, covariance] of Object.entries(fittedBeside)) {
    const file = writeExperiment(place, name, { [name]: name }, stretches);
    const { fitSeconds } = await readyDetectors(file);
    const { cpu } = await peer.work(covariance);
    const seen = `${fitSeconds.toFixed(1)} s of CPU; NumPy ${cpu.toFixed(1)} s`;
    yield says(`${name}: fit on ${size.classes * rows.fit} rows`, seen);
  }
}

/** Detectors, and the means around which the covariance for their eigenvectors is taken. */
const fittedBeside = { mahalanobis: 'classes', residual: 'one', neco: 'one' };
