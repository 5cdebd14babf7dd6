import * as ort from 'onnxruntime-node';
import { dtypeOf, type NDArray } from '@oodkit/tensor';

/** Named arrays: what goes into a graph or comes out of it. */
export type Arrays = Readonly<Record<string, NDArray>>;

/** How a session computes. */
export interface SessionOptions {
  /** Threads within one operator. Results do not depend on it. */
  readonly threads: number;
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
 * Opens an ONNX model on the CPU: its bytes, or the path of its file, which takes a third less memory.
 *
 * Idle threads sleep instead of spinning: several sessions share a machine here, and a spinning one slows the others.
 */
export async function openSession(model: Uint8Array | string, { threads }: SessionOptions): Promise<Session> {
  const session = await ort.InferenceSession.create(model as string, {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  return {
    outputs: session.outputNames,
    run: async (feeds) => fromOrt(await session.run(toOrt(feeds))),
    release: () => session.release(),
  };
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
