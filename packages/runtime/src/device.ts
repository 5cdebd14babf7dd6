import { createRequire } from 'node:module';
import path from 'node:path';
import type { Device, DeviceChoice } from '@farout/core';
import { didYouMean, FaroutError } from '@farout/core/errors';
import { input } from '@farout/tensor';
import type { InferenceSession } from '#onnxruntime';
import { openApart } from './open-apart.ts';
import type { Opening } from './open-here.ts';

/** What networks can run on, in the order in which `auto` tries them. */
const devices: readonly Device[] = ['cuda', 'webgpu', 'cpu'];

/**
 * The device that is asked for, once it is known to work; for `auto` the first of `devices` that does.
 *
 * @throws FaroutError OOD_DEVICE_UNAVAILABLE when the device that is named is unknown or cannot be used here. It is never
 *   replaced by another.
 */
export async function resolveDevice(asked: DeviceChoice): Promise<Device> {
  if (asked === 'auto') return firstThatWorks();
  if (!devices.includes(asked)) throw unknownDevice(asked);
  const failure = await deviceFailure(asked, 'show');
  if (failure !== undefined) throw missingDevice(asked, failure);
  return asked;
}

async function firstThatWorks(): Promise<Device> {
  for (const device of devices) if ((await deviceFailure(device, 'hush')) === undefined) return device;
  return 'cpu';
}

/**
 * Why a device cannot be used on this machine, in onnxruntime's words; undefined when it can. Only a session tells: what
 * onnxruntime lists as supported is what it was compiled with. `drivers`: whether their own words go to stderr.
 */
export async function deviceFailure(device: Device, drivers: 'hush' | 'show'): Promise<string | undefined> {
  if (device === 'cpu') return undefined;
  // Loaded where it is used, as in session.ts.
  const { writeOnnx } = await import('@farout/onnx');
  const model = writeOnnx({ y: input('x', [1]).add(1) });
  const opening = { model, options: sessionOptions(device, 1) };
  try {
    await (await openApart(opening, drivers === 'show' ? 'show' : () => undefined)).release();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

type ExecutionProvider = InferenceSession.ExecutionProviderConfig;

/**
 * WebGPU keeps images as (N, C, H, W): as (N, H, W, C), its own choice, onnxruntime rewrites the shapes in gradients with
 * an int64 Gather, which it then cannot compute there.
 */
const providers: Readonly<Record<Device, ExecutionProvider>> = {
  cpu: 'cpu',
  cuda: 'cuda',
  webgpu: { name: 'webgpu', preferredLayout: 'NCHW' },
};

/**
 * What onnxruntime is told. Exactly one execution provider is asked for, because onnxruntime replaces one that it lacks
 * by the next in silence; and single nodes must not fall back to the CPU either.
 */
export const sessionOptions = (device: Device, threads: number): InferenceSession.SessionOptions => ({
  executionProviders: [providers[device]],
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  logSeverityLevel: 3,
  extra: {
    session: {
      // Idle threads sleep: several sessions share a machine here, and a spinning one slows the others.
      intra_op: { allow_spinning: '0' },
      ...(device !== 'cpu' && { disable_cpu_ep_fallback: '1' }),
    },
  },
});

/** The same session, but nodes may fall back to the CPU, and onnxruntime says on stderr which node it places where. */
const tellingOptions = (device: Device): InferenceSession.SessionOptions => ({
  executionProviders: [providers[device]],
  logSeverityLevel: 0,
});

/** Nodes that onnxruntime cannot compute on a device, as `MaxPool (pool1)`: those it would leave to the CPU. */
export async function unplacedNodes(model: Uint8Array | string, device: Device): Promise<string[]> {
  return nodesOnCpu(await logOfOpening({ model, options: tellingOptions(device) }));
}

/** What onnxruntime writes to stderr while it opens a session, whether it opens or not. */
export async function logOfOpening(opening: Opening): Promise<string> {
  let log = '';
  const opened = openApart(opening, (text) => (log += text));
  // The log is complete once the process has ended.
  await opened.then((session) => session.release()).catch(() => undefined);
  return log;
}

const cpu = '[CPUExecutionProvider]';

/**
 * Reads the placement that onnxruntime logs: a heading for each execution provider, below it a line for each node; where
 * all nodes are in one place, the heading alone.
 */
export function nodesOnCpu(log: string): string[] {
  let below = '';
  const nodes: string[] = [];
  for (const [, line] of log.matchAll(/VerifyEachNodeIsAssignedToAnEp\] +(.*)/g)) {
    const everything = /^All nodes placed on (.*)\. Number of nodes: (\d+)/.exec(line!);
    if (everything?.[1] === cpu) nodes.push(`all ${everything[2]!}`);
    const heading = /^Node\(s\) placed on (\[\w+\])/.exec(line!)?.[1];
    if (heading) below = heading;
    else if (below === cpu) nodes.push(line!);
  }
  return nodes;
}

const choices = { title: 'Devices', names: [...devices, 'auto'] };

/** OOD_DEVICE_UNAVAILABLE for what is no device. */
const unknownDevice = (name: string): FaroutError =>
  new FaroutError('OOD_DEVICE_UNAVAILABLE', `there is no device "${name}"`, {
    fix: didYouMean(name, choices.names) ?? 'Use one of those below.',
    choices,
  });

/** OOD_DEVICE_UNAVAILABLE for a device that this machine lacks; `reason` in onnxruntime's words. */
export const missingDevice = (device: Device, reason: string): FaroutError =>
  new FaroutError('OOD_DEVICE_UNAVAILABLE', `the device "${device}" cannot be used here: ${brief(reason)}`, {
    ...(device !== 'cpu' && { fix: remedies[device] }),
    choices,
  });

/** OOD_DEVICE_UNAVAILABLE for nodes that a device cannot compute. */
export const missingNodes = (device: Device, nodes: readonly string[]): FaroutError =>
  new FaroutError(
    'OOD_DEVICE_UNAVAILABLE',
    `onnxruntime cannot compute these nodes of the graph on ${device}: ${listed(nodes)}`,
    { fix: 'Use another device.', choices },
  );

/** Where the script lies that fetches them, seen from the folder that the user stands in. */
function installScript(): string {
  const { resolve } = createRequire(import.meta.url);
  const script = (name: string) => quoted(path.relative('', resolve(`${name}/script/install.js`)));
  try {
    return script('@farout/onnxruntime');
  } catch {
    // In the repository it is the package that the published one is made of.
    return script('onnxruntime-node');
  }
}

/** A path as a shell takes it, should there be blanks in it. */
const quoted = (file: string) => (/\s/.test(file) ? `"${file}"` : file);

/** What a device needs, and where it comes from. */
const remedies: Readonly<Record<Exclude<Device, 'cpu'>, string>> = {
  cuda:
    'On Linux x64, one command installs its libraries: ' +
    `ONNXRUNTIME_NODE_INSTALL=true node ${installScript()}; ` +
    "they need NVIDIA's driver, CUDA 12 and cuDNN 9.",
  webgpu:
    'On Linux it needs a Vulkan driver for the graphics card; `vulkaninfo --summary` lists those that are installed.',
};

/** onnxruntime begins with the place in its sources; what it means comes after. */
const brief = (reason: string) =>
  reason
    .trim()
    .replace(/^\/\S+ .* was false\. /s, '')
    .replace(/\s+/g, ' ');

/** How many nodes are named before the rest is counted. */
const named = 8;

function listed(nodes: readonly string[]): string {
  const rest = nodes.length - named;
  return nodes.slice(0, named).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
