import './without-telemetry.ts';
import type { Device } from '@farout/core';
import { dtypeOf, fromFloat16, type NDArray, type Shape, type Tensor, toFloat16 } from '@farout/tensor';
import { env } from '#onnxruntime';
import { deviceFailure, missingDevice, missingNodes, sessionOptions, unplacedNodes } from './device.ts';
import { openApart } from './open-apart.ts';
import { openHere, type Opening, type PlainSession, type PlainTensors } from './open-here.ts';

/** The version of onnxruntime in use; part of the store's keys and of every result. */
export const onnxruntimeVersion: string = env.versions.node ?? env.versions.common;

/** Named arrays: the inputs or outputs of a graph. */
export type Arrays = Readonly<Record<string, NDArray>>;

/** How a session computes. */
export interface SessionOptions {
  /** Threads within one operator. Results do not depend on it. */
  readonly threads: number;
  /** The device; default: the CPU. */
  readonly device?: Device;
  /**
   * Whether to run in a separate process, because the model is not ours: if that process dies, the call fails and this
   * process survives.
   */
  readonly apart?: boolean;
}

/** A graph ready to run. */
export interface Session {
  /** The shapes of the graph's inputs, by name; an open size is a name. */
  readonly inputs: Readonly<Record<string, Shape>>;
  /** The names of the graph's outputs. */
  readonly outputs: readonly string[];
  /**
   * Runs the graph. Rounds float32 for a float16 input and widens it for a float64 input; float16 results are returned as
   * float32. Unless it runs apart, it blocks the event loop: onnxruntime-node works on the main thread.
   */
  readonly run: (feeds: Arrays) => Promise<Arrays>;
  /** Frees the memory; the session cannot run afterwards. */
  readonly release: () => Promise<void>;
}

/**
 * Opens an ONNX model: its bytes, or the path of its file, which takes a third less memory. On a device other than the CPU, every node must run
 * there, or opening fails.
 *
 * @throws FaroutError OOD_DEVICE_UNAVAILABLE when the device cannot be used here, or cannot compute a node; `run` throws it
 *   if a node fails on the device only at run time.
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

/** Its stderr is not shown: errors contain it. */
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

/** Converts float32 to the float type of the input; returns anything else unchanged. */
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

/** Computes tensors once: writes their graph, runs it on these inputs, and discards it. */
export async function evaluate(outputs: Readonly<Record<string, Tensor>>, feeds: Arrays): Promise<Arrays> {
  // Loaded lazily: workers run graphs that are already written, and start faster without it.
  const { writeOnnx } = await import('@farout/onnx');
  const session = await openSession(writeOnnx(outputs), { threads: 1 });
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}
