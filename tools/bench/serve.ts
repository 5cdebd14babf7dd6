import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { forkModule } from '@farout/runtime';
import type { LogEvent } from '@farout/serve';
import { farout, repository } from '../farout-process.ts';
import { familyOf, residentMegabytes } from '../process-memory.ts';
import type { BareAnswer, BareRequest } from './bare-detector.ts';
import { cpuOfAll } from './memory.ts';
import { photographs } from './photographs.ts';
import { inTurns, ratios, spreadOf, type Spread } from './turns.ts';

/** The duration of a turn, in seconds. */
const seconds = 4;
/** Clients in a closed loop: each sends the next request when it has its response. */
const clients = 8;
/** Clients that send requests while the service shuts down. */
const lastClients = 64;
/** Images for warming up. */
const warmUp = 1_500;
/** The number of photographs used in rotation. */
const most = 200;

/** The cost of the service compared with its parts alone. */
export interface Serving {
  /** CPU ms per image: decoding and resizing alone, the graph alone, all processes of the service, and the load generator. */
  readonly decoding: number;
  readonly inference: number;
  readonly service: number;
  readonly generator: number;
  /** (decoding + inference) ÷ service, turn by turn. */
  readonly share: Spread;
  /** Images per second, and ms from request to response. */
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
  /** Minute by minute: the memory of all processes in MiB, and the 99th percentile. */
  readonly minutes: readonly { readonly megabytes: number; readonly p99: number; readonly refused: number }[];
  readonly ending: Ending;
}

/** What became of requests when the service was told to end. */
export interface Ending {
  /** Verdicts after the signal. */
  readonly answered: number;
  /** Requests that were sent, and got something else or nothing. */
  readonly lost: number;
}

/**
 * Measures `farout serve` under load, in turns with as many bare processes as there are cores, so that other load slows both. Then the load continues
 * for some minutes.
 */
export async function serving(data: string, turns: number, minutes: number): Promise<Serving> {
  const folder = await mkdtemp(path.join(tmpdir(), 'farout-serving-'));
  const files = photographs(data).slice(0, most);
  const bodies = await Promise.all(files.map((file) => readFile(file)));
  const model = await detectorIn(data, folder);
  const bare = Array.from({ length: availableParallelism() }, () =>
    forkModule(new URL('bare-detector.ts', import.meta.url), {}),
  );
  const service = await startService(model);
  try {
    await asked(bare, { model, files });
    return await measured({ bare, service, bodies, turns, minutes });
  } finally {
    bare.forEach((each) => each.disconnect());
    service.child.kill('SIGTERM');
    await rm(folder, { recursive: true });
  }
}

interface Measurement {
  readonly bare: readonly ChildProcess[];
  readonly service: Started;
  readonly bodies: readonly Uint8Array[];
  readonly turns: number;
  readonly minutes: number;
}

async function measured({ bare, service, bodies, turns, minutes }: Measurement): Promise<Serving> {
  const alone: BareAnswer[] = [];
  const loads: Load[] = [];
  const parts = {
    bare: async () => {
      const answer = await asked(bare, { seconds });
      alone.push(answer);
      return answer.decoding + answer.inference;
    },
    service: async () => {
      const load = await loaded(service, bodies, seconds);
      loads.push(load);
      return load.cpu;
    },
  };
  // Until V8 has compiled the code path of an image.
  await loaded(service, bodies, Infinity, warmUp);
  const series = await inTurns(parts, turns);
  const later: Serving['minutes'][number][] = [];
  for (let minute = 0; minute < minutes; minute++) {
    const { latencies, refused, megabytes } = await loaded(service, bodies, 60);
    later.push({ megabytes, p99: quantile(latencies, 0.99), refused });
  }
  // The first turns are warm-up.
  const counted = loads.slice(1);
  const latencies = counted.flatMap((load) => load.latencies);
  const median = (of: readonly number[]) => spreadOf(of).median;
  return {
    decoding: median(alone.slice(1).map(({ decoding }) => decoding)),
    inference: median(alone.slice(1).map(({ inference }) => inference)),
    service: median(counted.map(({ cpu }) => cpu)),
    generator: median(counted.map(({ generator }) => generator)),
    share: spreadOf(ratios(series.service, series.bare).map((ratio) => 1 / ratio)),
    rate: median(counted.map(({ rate }) => rate)),
    ...{ p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), minutes: later },
    ending: await ended(service, bodies),
  };
}

const quantile = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))]!;

/** The file of a MobileNet-v2 detector, ReAct with energy, from a run on photographs; or the file in FAROUT_DETECTOR. */
export async function detectorIn(data: string, folder: string): Promise<string> {
  if (process.env.FAROUT_DETECTOR !== undefined) return process.env.FAROUT_DETECTOR;
  const [run, model] = [path.join(folder, 'run'), path.join(folder, 'detector.onnx')];
  const set = [
    `store=${path.join(folder, 'store')}`,
    'ood=[flowers]',
    'datasets.flowers.image-folder.limit=60',
    'detectors={ReAct: [{react: {percentile: 90}}, energy]}',
    'metrics=[auroc]',
  ];
  const words = ['configs/photographs-mobilenet-v2.yaml', '--out', run, '--no-report', '--quiet'];
  await succeeded(['run', ...words, ...set.flatMap((each) => ['--set', each])], { FAROUT_DATA: data });
  await succeeded(['export', run, '--detector', 'ReAct', '--to', model]);
  return model;
}

async function succeeded(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<void> {
  const { code, stderr } = await farout(words, { env });
  if (code !== 0) throw new Error(stderr);
}

/** A running service. */
export interface Started {
  readonly child: ChildProcess;
  readonly port: number;
}

/** Starts `farout serve`, compiled as in the published package, on a free port, and waits until all its workers are ready. */
export async function startService(model: string): Promise<Started> {
  const compiler = new URL('../jest/compile-sources.mjs', import.meta.url).href;
  const { compileSources } = (await import(compiler)) as { compileSources: () => Promise<string> };
  const [starter, main] = ['tools/start-source.mjs', 'packages/cli/src/main.ts'].map((file) =>
    path.join(repository, file),
  );
  const child = spawn(process.execPath, [starter!, main!, 'serve', model, '--port', '0'], {
    env: { ...process.env, FAROUT_COMPILED: await compileSources() },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let port: number | undefined;
  // All workers, and the spare one.
  let missing = 1;
  for await (const line of createInterface({ input: child.stderr })) {
    const event = JSON.parse(line) as LogEvent;
    if (event.event === 'worker-ready') missing--;
    if (event.event === 'listening') {
      port = Number(new URL(event.address).port);
      missing += event.workers;
    }
    if (port !== undefined && missing === 0) break;
  }
  // Further output is discarded, so that it does not fill the pipe.
  child.stderr.resume();
  if (port === undefined) throw new Error('the service did not start');
  return { child, port };
}

/** The result of some seconds of load. */
interface Load {
  /** CPU ms per image, of the service and of the load generator. */
  readonly cpu: number;
  readonly generator: number;
  readonly rate: number;
  readonly latencies: readonly number[];
  /** Responses without a verdict. */
  readonly refused: number;
  readonly megabytes: number;
}

async function loaded(
  service: Started,
  bodies: readonly Uint8Array[],
  forSeconds: number,
  images = Infinity,
): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const latencies: number[] = [];
  let refused = 0;
  let next = 0;
  const family = familyOf(service.child.pid!);
  const [before, own, start] = [cpuOfAll(family), process.cpuUsage(), performance.now()];
  const client = async () => {
    while (performance.now() - start < 1000 * forSeconds && next < images) {
      const begun = performance.now();
      const status = await post(agent, service.port, bodies[next++ % bodies.length]!);
      if (status === 200) latencies.push(performance.now() - begun);
      else refused++;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const { user, system } = process.cpuUsage(own);
  const count = latencies.length;
  agent.destroy();
  return {
    cpu: (1000 * (cpuOfAll(family) - before)) / count,
    generator: (user + system) / 1000 / count,
    rate: (1000 * count) / (performance.now() - start),
    ...{ latencies, refused, megabytes: residentMegabytes(service.child.pid!) },
  };
}

/** Tells the service to end while clients ask; each goes on until its connection is closed to it, or refused. */
async function ended({ child, port }: Started, bodies: readonly Uint8Array[]): Promise<Ending> {
  const agent = new Agent({ keepAlive: true, maxSockets: lastClients });
  let [answered, lost, isTold] = [0, 0, false];
  const client = async (at: number) => {
    for (;;) {
      const outcome = await post(agent, port, bodies[at % bodies.length]!).catch(
        (error: unknown) => (error as NodeJS.ErrnoException).code,
      );
      if (outcome === 'ECONNREFUSED') return;
      if (outcome !== 200) lost++;
      else if (isTold) answered++;
    }
  };
  const all = Promise.all(Array.from({ length: lastClients }, (_, at) => client(at)));
  await wait(2_000);
  child.kill('SIGTERM');
  isTold = true;
  await all;
  agent.destroy();
  return { answered, lost };
}

function post(agent: Agent, port: number, body: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'image/jpeg', 'content-length': body.length };
    const sent = request({ agent, port, host: '127.0.0.1', method: 'POST', path: '/score', headers }, (response) => {
      response.once('error', reject);
      response.resume().once('end', () => resolve(response.statusCode!));
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

/** Sends every process the same message; returns the mean of their replies. */
async function asked(bare: readonly ChildProcess[], message: BareRequest): Promise<BareAnswer> {
  const answers = await Promise.all(
    bare.map(async (each) => {
      each.send(message);
      return ((await once(each, 'message')) as [BareAnswer])[0];
    }),
  );
  const mean = (of: (answer: BareAnswer) => number) =>
    answers.reduce((sum, answer) => sum + of(answer), 0) / answers.length;
  return { decoding: mean(({ decoding }) => decoding), inference: mean(({ inference }) => inference) };
}
