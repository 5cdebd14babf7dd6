import { FaroutError } from '@farout/core';
import { describe, expect, it } from '@jest/globals';
import { openSession } from '@farout/runtime';
import { writeOnnx } from '@farout/onnx';
import { constant, grad, input } from '@farout/tensor';
import { hasAdapter } from './parts/adapter.ts';
import { numbers } from './parts/plain.ts';
import { logOfOpening, nodesOnCpu } from '../src/device.ts';

const x = input('x', ['N', 4, 8, 8]);
const feeds = { x: numbers([2, 4, 8, 8], 1) };
// Skipped where no Vulkan driver works; VK_ICD_FILENAMES may name a software one.
const withAdapter = hasAdapter ? it : it.skip;
const withoutAdapter = hasAdapter ? it.skip : it;

const rejection = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error as FaroutError,
  );

describe('openSession on a device', () => {
  withoutAdapter('does not open where the device is lacking', async () => {
    const error = await rejection(openSession(writeOnnx({ y: x.add(1) }), { threads: 1, device: 'webgpu' }));
    expect(error).toMatchObject({ code: 'OOD_DEVICE_UNAVAILABLE' });
    expect(error!.message).toContain('Failed to get a WebGPU adapter');
  });

  withAdapter('gives the numbers of the CPU, gradients of convolutions with a stride included', async () => {
    const kernel = (shape: number[], seed: number) => constant(numbers(shape, seed));
    const strided = x.conv(kernel([6, 4, 3, 3], 2), { stride: 2, padding: 1 }).clip(0, 6);
    const depthwise = strided.conv(kernel([6, 1, 3, 3], 3), { padding: 1, groups: 6 }).relu();
    const logits = depthwise.mean([2, 3]).linear(kernel([5, 6], 4), kernel([5], 5));
    const model = writeOnnx({ logits, gradient: grad(logits.softmax().max().log().neg().sum(), x) });
    const [cpu, webgpu] = [
      await openSession(model, { threads: 1 }),
      await openSession(model, { threads: 1, device: 'webgpu' }),
    ];
    const [expected, found] = [await cpu.run(feeds), await webgpu.run(feeds)];
    for (const name of ['logits', 'gradient']) {
      expect(found[name]!.shape).toEqual(expected[name]!.shape);
      expected[name]!.data.forEach((value, i) => expect(found[name]!.data[i]).toBeCloseTo(Number(value), 4));
    }
    await Promise.all([cpu.release(), webgpu.release()]);
  });

  withAdapter('does not open, and names the nodes, when a node would fall back to the CPU', async () => {
    const model = writeOnnx({ y: x.exp().cast('float64').log(), z: x.relu() });
    const error = await rejection(openSession(model, { threads: 1, device: 'webgpu' }));
    expect(error).toBeInstanceOf(FaroutError);
    expect(error!.message).toMatch(/^onnxruntime cannot compute these nodes of the graph on webgpu: .*Log \(Log\)/);
  });

  withAdapter('names a node that turns out to be lacking only when it runs', async () => {
    const pooled = x.maxPool({ kernel: 2 });
    const model = writeOnnx({ y: pooled, at: pooled.result(1, { shape: pooled.shape, dtype: 'int64' }) });
    const session = await openSession(model, { threads: 1, device: 'webgpu' });
    const error = await rejection(session.run(feeds));
    expect(error).toMatchObject({ code: 'OOD_DEVICE_UNAVAILABLE' });
    expect(error!.message).toContain('on webgpu: MaxPool (');
    await session.release();
  });

  withAdapter('leaves a fault of the model to the model', async () => {
    const error = await rejection(openSession(Uint8Array.of(1, 2, 3), { threads: 1, device: 'webgpu' }));
    expect(error).not.toBeInstanceOf(FaroutError);
  });
});

describe('nodesOnCpu', () => {
  it('counts the nodes when onnxruntime names none, because all are on the CPU', async () => {
    const model = writeOnnx({ y: x.exp().sqrt() });
    const options = { executionProviders: ['cpu'], logSeverityLevel: 0 } as const;
    expect(nodesOnCpu(await logOfOpening({ model, options }))).toEqual(['all 2']);
  });

  it('reads the nodes under the heading of the CPU out of the log of onnxruntime', () => {
    const lines = [
      'Node placements',
      ' Node(s) placed on [CPUExecutionProvider]. Number of nodes: 2',
      '  Reshape (Reshape_94)',
      '  Gather (a (odd) name)',
      ' Node(s) placed on [WebGpuExecutionProvider]. Number of nodes: 1',
      '  Cast (Cast)',
    ];
    const log = lines.map((line) => `date [V:onnxruntime:, session_state.cc:1 VerifyEachNodeIsAssignedToAnEp] ${line}`);
    expect(nodesOnCpu(['[I:onnxruntime:] other', ...log].join('\n'))).toEqual([
      'Reshape (Reshape_94)',
      'Gather (a (odd) name)',
    ]);
  });
});
