import type { Device } from '@farout/core';
import type { InferenceSession } from '#onnxruntime';

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
export const tellingOptions = (device: Device): InferenceSession.SessionOptions => ({
  executionProviders: [providers[device]],
  logSeverityLevel: 0,
});
