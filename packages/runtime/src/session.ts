import './without-telemetry.ts';
import type { Device } from '@farout/core';
import { dtypeOf, fromFloat16, type NDArray, type Shape, type Tensor, toFloat16 } from '@farout/tensor';
import { env } from '#onnxruntime';
import { deviceFailure, missingDevice, missingNodes, sessionOptions, unplacedNodes } from './device.ts';
import { openApart } from './open-apart.ts';
import { openHere, type Opening, type PlainSession, type PlainTensors } from './open-here.ts';

/** The version of onnxruntime that computes here; part of the store's keys and of every result. */
export const onnxruntimeVersion: string = env.versions.node ?? env.versions.common;

/** Named arrays: what goes into a graph or comes out of it. */
export type Arrays = Readonly<Record<string, NDArray>>;

/** How a session computes. */
export interface SessionOptions {
  /** Threads within one operator. Results do not depend on it. */
  readonly threads: number;
  /** What it computes on; the CPU when nothing is said. */
  readonly device?: Device;
  /**
   * Whether it runs in a process of its own, because the model is not ours: whatever ends that process, this one lives and
   * the call fails.
   */
  readonly apart?: boolean;
}

/** A graph that is ready to run. */
export interface Session {
  /** The shapes that the graph's inputs have, by their names; a size that is not fixed is a name. */
  readonly inputs: Readonly<Record<string, Shape>>;
  /** Names of the graph's outputs. */
  readonly outputs: readonly string[];
  /**
   * Runs the graph. float32 is rounded for an input of float16 and widened for one of float64; results of float16 come as
   * float32. Unless it runs apart it blocks this process's event loop: onnxruntime-node works on the main thread.
   */
  readonly run: (feeds: Arrays) => Promise<Arrays>;
  /** Gives the memory back; the session cannot run afterwards. */
  readonly release: () => Promise<void>;
}

/**
 * Opens an ONNX model: its bytes, or the path of its file, which takes a third less memory. On another device than the CPU
 * every node runs there or the session does not open.
 *
 * @throws FaroutError OOD_DEVICE_UNAVAILABLE when the device cannot be used here, or cannot compute a node; `run` throws it
 *   for a node that fails on the device only when it runs.
 */
export async function openSession(
  model: Uint8Array | string,
  { threads, device = 'cpu', apart = false }: SessionOptions,
): Promise<Session> {
  const opening = { model, options: sessionOptions(device, threads) };
  const session = await opened(opening, device, apart ? openForeign : openHere);
  return {
    inputs: Object.fromEntries(Object.entries(session.inputs).map(([name, { shape }]) => [name, shape])),
    outputs: session.outputNames,
    run: async (feeds) => fromOrt(await run(session, toPlain(feeds, session), device)),
    release: () => session.release(),
  };
}

/** What it writes to stderr is in the errors. */
const openForeign = (opening: Opening) => openApart(opening, () => undefined);

async function opened(opening: Opening, device: Device, open: typeof openHere): Promise<PlainSession> {
  try {
    return await open(opening);
  } catch (error) {
    if (device === 'cpu') throw error;
    if ((error as Error).message.includes('fallback to CPU EP')) {
      throw missingNodes(device, await unplacedNodes(opening.model, device));
    }
    const failure = await deviceFailure(device, 'hush');
    throw failure === undefined ? error : missingDevice(device, failure);
  }
}

async function run(session: PlainSession, feeds: PlainTensors, device: Device) {
  try {
    return await session.run(feeds);
  } catch (error) {
    const [, type, name, reason] =
      /running (\w+) node\. Name:'(.*)' Status Message: (.*)/s.exec((error as Error).message) ?? [];
    throw device === 'cpu' || !type ? error : missingNodes(device, [`${type} (${name}): ${reason}`]);
  }
}

const toPlain = (arrays: Arrays, { inputs }: PlainSession): PlainTensors =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, { data, shape }]) => [
      name,
      { ...typed(data, inputs[name]?.type), dims: shape },
    ]),
  );

/** Single precision in the precision that an input has; anything else as it is. */
function typed(data: NDArray['data'], wanted: string | undefined) {
  if (!(data instanceof Float32Array)) return { type: dtypeOf(data), data };
  if (wanted === 'float16') return { type: wanted, data: toFloat16(data) } as const;
  if (wanted === 'float64') return { type: wanted, data: Float64Array.from(data) } as const;
  return { type: 'float32', data } as const;
}

const fromOrt = (tensors: PlainTensors): Arrays =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { type, data, dims }]) => [
      name,
      { data: type === 'float16' ? fromFloat16(data as Uint16Array) : (data as NDArray['data']), shape: dims },
    ]),
  );

/** Computes tensors once: writes their graph, runs it on these inputs, and forgets it. */
export async function evaluate(outputs: Readonly<Record<string, Tensor>>, feeds: Arrays): Promise<Arrays> {
  // Loaded where it is used: workers run graphs that are written already, and begin sooner without it.
  const { writeOnnx } = await import('@farout/onnx');
  const session = await openSession(writeOnnx(outputs), { threads: 1 });
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}
