import type { Device } from '@farout/core';
import { input, writeOnnx } from '@farout/tensor';
import { openApart } from './open-apart.ts';
import { sessionOptions } from './session-options.ts';

/**
 * Why a device cannot be used on this machine, in onnxruntime's words; undefined when it can. Only a session tells: what
 * onnxruntime lists as supported is what it was compiled with. `drivers`: whether their own words go to stderr.
 */
export async function deviceFailure(device: Device, drivers: 'hush' | 'show'): Promise<string | undefined> {
  if (device === 'cpu') return undefined;
  const model = writeOnnx({ y: input('x', [1]).add(1) });
  const opening = { model, options: sessionOptions(device, 1) };
  try {
    await (await openApart(opening, drivers === 'show' ? 'show' : () => undefined)).release();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
