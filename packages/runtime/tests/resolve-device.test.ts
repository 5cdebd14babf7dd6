import { FaroutError, type DeviceChoice } from '@farout/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { resolveDevice } from '@farout/runtime';
import { hasAdapter } from './parts/adapter.ts';

const drivers = process.env.VK_ICD_FILENAMES;
const errorOf = (asked: string) =>
  resolveDevice(asked as DeviceChoice).then(
    () => undefined,
    (error: unknown) => error as FaroutError,
  );
const hasCuda = (await errorOf('cuda')) === undefined;
const withoutCuda = hasCuda ? it.skip : it;
const withAdapter = hasAdapter ? it : it.skip;

/** What Vulkan's loader reads in place of the installed drivers: there is none. */
const noDriver = '/nowhere/driver.json';

describe('resolveDevice', () => {
  beforeEach(() => {
    process.env.VK_ICD_FILENAMES = noDriver;
    process.env.VK_DRIVER_FILES = noDriver;
  });
  afterEach(() => {
    delete process.env.VK_DRIVER_FILES;
    if (drivers === undefined) delete process.env.VK_ICD_FILENAMES;
    else process.env.VK_ICD_FILENAMES = drivers;
  });

  it('takes the CPU when it is asked for', async () => {
    expect(await resolveDevice('cpu')).toBe('cpu');
  });

  withoutCuda('refuses CUDA without its libraries, and says how to get them', async () => {
    const error = await errorOf('cuda');
    expect(error).toBeInstanceOf(FaroutError);
    expect(error!.code).toBe('OOD_DEVICE_UNAVAILABLE');
    expect(error!.message).toMatch(/^the device "cuda" cannot be used here: .*(load shared library|not found)/);
    expect(error!.fix).toContain('ONNXRUNTIME_NODE_INSTALL=true node node_modules/onnxruntime-node/script/install.js');
  });

  it('refuses WebGPU without an adapter, and says that a driver is lacking', async () => {
    const error = await errorOf('webgpu');
    expect(error!.code).toBe('OOD_DEVICE_UNAVAILABLE');
    expect(error!.message).toBe(
      'the device "webgpu" cannot be used here: Failed to get a WebGPU adapter: No supported adapters',
    );
    expect(error!.fix).toContain('Vulkan driver');
  });

  it.each(['tpu', 'CUDA', 'coreml', ''])('refuses "%s", which is no device, and lists the devices', async (asked) => {
    const error = await errorOf(asked);
    expect(error!.code).toBe('OOD_DEVICE_UNAVAILABLE');
    expect(error!.message).toBe(`there is no device "${asked}"`);
    expect(error!.choices!.names).toEqual(['cuda', 'webgpu', 'cpu', 'auto']);
  });

  withoutCuda('takes the CPU for "auto" where nothing else works', async () => {
    expect(await resolveDevice('auto')).toBe('cpu');
  });
});

// Skipped where no Vulkan driver works; VK_ICD_FILENAMES may name a software one.
withAdapter('resolveDevice takes WebGPU where there is an adapter', async () => {
  expect(await resolveDevice('webgpu')).toBe('webgpu');
  if (!hasCuda) expect(await resolveDevice('auto')).toBe('webgpu');
});
