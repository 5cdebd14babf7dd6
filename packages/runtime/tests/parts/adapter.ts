import { resolveDevice } from '@farout/runtime';

/** Whether this machine has a WebGPU adapter, a software one included. */
export const hasAdapter = await resolveDevice('webgpu').then(
  () => true,
  () => false,
);
