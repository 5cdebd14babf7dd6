import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { referenceData } from '../reference-data.ts';
import { archiveMemory, archiveSpeeds } from './archives.ts';
import { peakMemory } from './memory.ts';
import { models } from '../fidelity/models.ts';
import { drawnWhat, drawSpeeds } from './intervals.ts';
import { linalgSpeeds } from './linalg.ts';
import { odinSpeed } from './odin.ts';
import { networkNames } from './open-model.ts';
import { readingSpeed } from './readings.ts';
import { resizeSpeeds } from './resize.ts';
import { scale } from './scale.ts';
import { serving } from './serve.ts';
import { attacked } from './attacks.ts';
import { throughput } from './throughput.ts';
import { showSpread, type Spread } from './turns.ts';
import { workSpeed } from './work.ts';

const style = { head: [], border: [] };

async function speeds(data: string): Promise<string> {
  const head = [
    'JPEG → features, images/s',
    'decoding alone',
    'onnxruntime alone',
    'limit',
    'measured',
    'measured ÷ limit',
    'in CPU time',
  ];
  const table = new Table({ head, style });
  const faults: string[] = [];
  for (const name of networkNames) {
    const seen = await throughput(data, name);
    const rates = [seen.decoding, seen.inference, seen.limit, seen.pipeline].map((value) => value.toFixed(1));
    table.push([name, ...rates, share(seen.share), share(seen.shareOfCpu)]);
    if (seen.faults.length > 0) faults.push(faultsOf(name, seen.faults));
  }
  return [table.toString(), ...faults].join('\n');
}

/** A share of the limit; more than 1 is a measurement error. */
const share = (spread: Spread) => `${spread.median > 1 ? 'measurement error: ' : ''}${showSpread(spread, 3)}`;

const faultsOf = (name: string, faults: readonly number[]) =>
  `${name}: more than the limit in ${faults.length} turns (${faults.map((fault) => fault.toFixed(3)).join(', ')}), ` +
  'which is impossible: measurement errors.';

async function memory(data: string): Promise<string> {
  const table = new Table({ head: ['peak memory, MiB', '480 images', '4,800 images', 'ratio'], style });
  for (const name of networkNames) {
    const few = await peakMemory(data, name, 480);
    const many = await peakMemory(data, name, 4800);
    table.push([name, few.toFixed(0), many.toFixed(0), (many / few).toFixed(3)]);
  }
  return table.toString();
}

async function odin(data: string): Promise<string> {
  const head = [
    'ODIN, images/s, 1 thread',
    'bare',
    'ODIN',
    'in bare forwards',
    'in CPU time',
    'PyTorch eager',
    'farout ÷ PyTorch',
  ];
  const table = new Table({ head, style });
  const absent = 'no torch in python3';
  for (const model of models) {
    const { bare, odin, forwards, forwardsOfCpu, pytorch, timesPyTorch } = await odinSpeed(data, model);
    table.push([
      model.name,
      ...[bare, odin].map((rate) => rate.toFixed(1)),
      showSpread(forwards, 2),
      showSpread(forwardsOfCpu, 2),
      pytorch?.toFixed(1) ?? absent,
      timesPyTorch ? showSpread(timesPyTorch, 2) : absent,
    ]);
  }
  return table.toString();
}

async function readings(data: string): Promise<string> {
  const table = new Table({
    head: ['images/s', 'three more readings ÷ features alone', 'ODIN at three ε in one graph ÷ in three'],
    style,
  });
  for (const name of networkNames) {
    const { threeMore, sharedOdin } = await readingSpeed(data, name);
    table.push([name, showSpread(threeMore, 3), showSpread(sharedOdin, 2)]);
  }
  return table.toString();
}

async function work(data: string): Promise<string> {
  const table = new Table({ head: ['two tasks of one core ÷ one run with two', 'speed', 'bound'], style });
  for (const name of ['mobilenet-v2', 'resnet50'])
    table.push([name, showSpread(await workSpeed(data, name), 3), '≥ 0.95']);
  return table.toString();
}

async function resizing(): Promise<string> {
  const table = new Table({ head: ['resize and crop to 224, ms', 'WebAssembly', 'typed arrays', 'ratio'], style });
  for (const { size, wasm, typedArrays, ratio } of await resizeSpeeds()) {
    table.push([size, wasm.toFixed(2), typedArrays.toFixed(2), showSpread(ratio, 2)]);
  }
  return table.toString();
}

function linearAlgebra(): string {
  const calls = [
    'all eigenvectors',
    'reduction',
    'divide and conquer',
    'reflections',
    'leading n/64',
    'Cholesky, inverse',
  ];
  const table = new Table({ head: ['float64, n × n, s of CPU', ...calls, 'moments of n rows'], style });
  for (const { size, symmetricEigen, leading, choleskyInverse, moments, ...of } of linalgSpeeds([512, 1280, 2048])) {
    const stages = [of.reduction, of.divideAndConquer, of.reflections];
    const row = [symmetricEigen, ...stages, leading, choleskyInverse, moments];
    table.push([size, ...row.map((value) => value.toFixed(2))]);
  }
  return table.toString();
}

async function intervals(): Promise<string> {
  const head = [drawnWhat, 's', 's of CPU ÷ cores', 'bound', 'scikit-learn, three metrics, in as many processes'];
  const table = new Table({ head, style });
  for (const { what, wall, cpu, asked, timesScikitLearn } of await drawSpeeds()) {
    const times =
      timesScikitLearn === undefined ? 'no scikit-learn in python3' : `${timesScikitLearn.toFixed(0)} × as long`;
    table.push([what, wall.toFixed(1), cpu.toFixed(1), `≤ ${asked} s`, times]);
  }
  return table.toString();
}

/** Images are read, not decoded. Relative to loose files: less is faster. */
async function archives(): Promise<string> {
  const load = () => loadavg()[0]!.toFixed(1);
  const table = new Table({ head: ['time to read ÷ that of loose files', 'from', 'wall clock', 'CPU time'], style });
  const before = load();
  for (const { bytes, count, from, clock, cpu } of await archiveSpeeds())
    table.push([`${count} images of ${bytes} bytes`, from, showSpread(clock, 2), showSpread(cpu, 2)]);
  const counts = [10_000, 100_000];
  const peaks = await archiveMemory(counts);
  const memory = counts.map((count, at) => `${count} images ${peaks[at]!.toFixed(0)} MiB`).join(', ');
  return `${table.toString()}\nPeak memory of reading a tar: ${memory}. Load of the machine: ${before} before, ${load()} after.`;
}

/** `--minutes 10` continues for ten minutes, and reports every minute. */
async function service(data: string): Promise<string> {
  const seen = await serving(data, 9, minutes);
  const head = [
    'farout serve, CPU ms an image',
    'decoding alone',
    'graph alone',
    'service',
    'alone ÷ service',
    'generator',
  ];
  const table = new Table({ head, style });
  const milliseconds = [seen.decoding, seen.inference, seen.service].map((value) => value.toFixed(2));
  table.push(['MobileNet-v2', ...milliseconds, showSpread(seen.share, 3), seen.generator.toFixed(2)]);
  const speed = `${seen.rate.toFixed(1)} images/s, p50 ${seen.p50.toFixed(0)} ms, p99 ${seen.p99.toFixed(0)} ms`;
  const later = seen.minutes.map(
    ({ megabytes, p99, refused }, at) =>
      `minute ${at + 1}: ${megabytes.toFixed(0)} MiB, p99 ${p99.toFixed(0)} ms, ${refused} refused`,
  );
  const { answered, lost } = seen.ending;
  const end = `SIGTERM under 64 clients: ${answered} answered after it, ${lost} lost`;
  return [table.toString(), `${speed}. Load of the machine: ${loadavg()[0]!.toFixed(1)}.`, ...later, end].join('\n');
}

async function attacks(data: string): Promise<string> {
  const table = new Table({
    head: ['attack', 'answers', 'as documented', 'peak memory, MiB', 'healthy after 1 s'],
    style,
  });
  for await (const { name, answers, isDocumented, megabytes, isHealthy } of attacked(data))
    table.push([name, answers, isDocumented ? 'yes' : 'NO', megabytes.toFixed(0), isHealthy ? 'yes' : 'NO']);
  return table.toString();
}

/** Prints Markdown line by line, because it takes minutes. */
async function scaling(): Promise<string> {
  console.log('| at scale | measured | bound | |\n|---|---|---|---|');
  for await (const { what, seen, asked, holds } of scale()) {
    const verdict = holds ? 'pass' : 'FAIL';
    console.log(`| ${what} | ${seen} | ${asked} | ${asked === '–' ? '' : verdict} |`);
  }
  return '';
}

/** The measurements, in this order; `npm run bench -- <names>` runs only the named ones. */
const alone: Readonly<Record<string, () => string | Promise<string>>> = {
  resize: resizing,
  linalg: linearAlgebra,
  intervals,
  archives,
  scale: scaling,
};
const ofPhotographs: Readonly<Record<string, (data: string) => Promise<string>>> = {
  throughput: speeds,
  readings,
  odin,
  memory,
  serve: service,
  attacks,
  work,
};

async function measure(chosen: readonly string[]): Promise<void> {
  console.log(`${availableParallelism()} cores; medians of turns, and the middle half of the ratios\n`);
  for (const [name, part] of Object.entries(alone)) if (chosen.includes(name)) console.log(await part());
  const parts = Object.entries(ofPhotographs).filter(([name]) => chosen.includes(name));
  if (referenceData) for (const [, part] of parts) console.log(await part(referenceData));
  else if (parts.length > 0)
    console.log('Skipped: the photographs are missing. Set FAROUT_DATA to their folder (models/, images/, golden/).');
}

const names = [...Object.keys(alone), ...Object.keys(ofPhotographs)];
const { values, positionals: words } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string', default: '0' } },
});
const minutes = Number(values.minutes);
const unknown = words.filter((word) => !names.includes(word));
if (unknown.length > 0) {
  console.error(`Unknown part "${unknown.join('", "')}". Available: ${names.join(', ')}.`);
  process.exitCode = 2;
} else await measure(words.length > 0 ? words : names);
