import { createRequire } from 'node:module';
import path from 'node:path';
import type { Device, DeviceChoice } from '@farout/core';
import { didYouMean, FaroutError } from '@farout/core/errors';
import { input } from '@farout/tensor';
import type { InferenceSession } from '#onnxruntime';
import { openApart } from './open-apart.ts';
import type { Opening } from './open-here.ts';

/** The supported devices, in the order that `auto` tries them. */
const devices: readonly Device[] = ['cuda', 'webgpu', 'cpu'];

/**
 * Returns the requested device after checking that it works; for `auto`, the first of `devices` that works.
 *
 * @throws FaroutError OOD_DEVICE_UNAVAILABLE when the requested device is unknown or cannot be used here. There is no
 *   silent fallback.
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
 * Why a device cannot be used on this machine, as reported by onnxruntime; undefined if it can. Opens a session to find out, because
 * onnxruntime's list of supported devices only says what it was compiled with. `drivers`: whether driver messages go to stderr.
 */
export async function deviceFailure(device: Device, drivers: 'hush' | 'show'): Promise<string | undefined> {
  if (device === 'cpu') return undefined;
  // Loaded lazily, as in session.ts.
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
 * WebGPU uses the layout (N, C, H, W). With its default (N, H, W, C), onnxruntime rewrites the shapes in gradients with an int64 Gather,
 * which it cannot compute there.
 */
const providers: Readonly<Record<Device, ExecutionProvider>> = {
  cpu: 'cpu',
  cuda: 'cuda',
  webgpu: { name: 'webgpu', preferredLayout: 'NCHW' },
};

/**
 * Session options. They name exactly one execution provider, because onnxruntime silently replaces a missing one by the next, and they forbid
 * single nodes to fall back to the CPU.
 */
export const sessionOptions = (device: Device, threads: number): InferenceSession.SessionOptions => ({
  executionProviders: [providers[device]],
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  logSeverityLevel: 3,
  extra: {
    session: {
      // Idle threads sleep: several sessions share the machine, and spinning threads slow the others.
      intra_op: { allow_spinning: '0' },
      ...(device !== 'cpu' && { disable_cpu_ep_fallback: '1' }),
    },
  },
});

/** Like `sessionOptions`, but nodes may fall back to the CPU, and onnxruntime logs the placement of each node to stderr. */
const tellingOptions = (device: Device): InferenceSession.SessionOptions => ({
  executionProviders: [providers[device]],
  logSeverityLevel: 0,
});

/** Nodes that onnxruntime cannot compute on a device and would place on the CPU, as `MaxPool (pool1)`. */
export async function unplacedNodes(model: Uint8Array | string, device: Device): Promise<string[]> {
  return nodesOnCpu(await logOfOpening({ model, options: tellingOptions(device) }));
}

/** What onnxruntime writes to stderr while opening a session, even if that fails. */
export async function logOfOpening(opening: Opening): Promise<string> {
  let log = '';
  const opened = openApart(opening, (text) => (log += text));
  // The log is complete once the process has ended.
  await opened.then((session) => session.release()).catch(() => undefined);
  return log;
}

const cpu = '[CPUExecutionProvider]';

/**
 * Parses onnxruntime's placement log: a heading per execution provider, followed by one line per node; if all nodes are in one place, only
 * the heading.
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

/** OOD_DEVICE_UNAVAILABLE for an unknown device name. */
const unknownDevice = (name: string): FaroutError =>
  new FaroutError('OOD_DEVICE_UNAVAILABLE', `there is no device "${name}"`, {
    fix: didYouMean(name, choices.names) ?? 'Use one of those below.',
    choices,
  });

/** OOD_DEVICE_UNAVAILABLE for a device missing on this machine; `reason` comes from onnxruntime. */
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

/** The script that downloads them, relative to the current folder. */
function installScript(): string {
  const { resolve } = createRequire(import.meta.url);
  const script = (name: string) => quoted(path.relative('', resolve(`${name}/script/install.js`)));
  try {
    return script('@farout/onnxruntime');
  } catch {
    // In the repository, use the package itself.
    return script('onnxruntime-node');
  }
}

/** Quotes a path with spaces for the shell. */
const quoted = (file: string) => (/\s/.test(file) ? `"${file}"` : file);

/** What a device needs, and where to get it. */
const remedies: Readonly<Record<Exclude<Device, 'cpu'>, string>> = {
  cuda:
    'On Linux x64, one command installs its libraries: ' +
    `ONNXRUNTIME_NODE_INSTALL=true node ${installScript()}; ` +
    "they need NVIDIA's driver, CUDA 12 and cuDNN 9.",
  webgpu:
    'On Linux it needs a Vulkan driver for the graphics card; `vulkaninfo --summary` lists those that are installed.',
};

/** Strips the source location that onnxruntime puts before its message. */
const brief = (reason: string) =>
  reason
    .trim()
    .replace(/^\/\S+ .* was false\. /s, '')
    .replace(/\s+/g, ' ');

/** How many nodes are listed before the rest is counted. */
const named = 8;

function listed(nodes: readonly string[]): string {
  const rest = nodes.length - named;
  return nodes.slice(0, named).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
