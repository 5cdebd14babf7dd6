import type { Device } from '@farout/core';
import './without-telemetry.ts';
import * as ort from '#onnxruntime';
import { dtypeOf, type NDArray } from '@farout/tensor';
import { missingDevice, missingNodes } from './device-errors.ts';
import { deviceFailure } from './device-failure.ts';
import { sessionOptions } from './session-options.ts';
import { unplacedNodes } from './unplaced-nodes.ts';

/** Named arrays: what goes into a graph or comes out of it. */
export type Arrays = Readonly<Record<string, NDArray>>;

/** How a session computes. */
export interface SessionOptions {
  /** Threads within one operator. Results do not depend on it. */
  readonly threads: number;
  /** What it computes on; the CPU when nothing is said. */
  readonly device?: Device;
}

/** A graph that is ready to run. */
export interface Session {
  /** Names of the graph's outputs. */
  readonly outputs: readonly string[];
  /** Runs the graph. Blocks this process's event loop while it computes: onnxruntime-node works on the main thread. */
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
  { threads, device = 'cpu' }: SessionOptions,
): Promise<Session> {
  const session = await create(model, device, threads);
  return {
    outputs: session.outputNames,
    run: async (feeds) => fromOrt(await run(session, toOrt(feeds), device)),
    release: () => session.release(),
  };
}

async function create(model: Uint8Array | string, device: Device, threads: number): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(model as string, sessionOptions(device, threads));
  } catch (error) {
    if (device === 'cpu') throw error;
    if ((error as Error).message.includes('fallback to CPU EP')) {
      throw missingNodes(device, await unplacedNodes(model, device));
    }
    const failure = await deviceFailure(device, 'hush');
    throw failure === undefined ? error : missingDevice(device, failure);
  }
}

async function run(session: ort.InferenceSession, feeds: ort.InferenceSession.FeedsType, device: Device) {
  try {
    return await session.run(feeds);
  } catch (error) {
    const [, type, name, reason] =
      /running (\w+) node\. Name:'(.*)' Status Message: (.*)/s.exec((error as Error).message) ?? [];
    throw device === 'cpu' || !type ? error : missingNodes(device, [`${type} (${name}): ${reason}`]);
  }
}

const toOrt = (arrays: Arrays) =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, { data, shape }]) => [
      name,
      new ort.Tensor(dtypeOf(data), data as Float32Array, shape),
    ]),
  );

const fromOrt = (tensors: ort.InferenceSession.OnnxValueMapType): Arrays =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => {
      const { data, dims } = tensor;
      return [name, { data: data as NDArray['data'], shape: dims }];
    }),
  );
