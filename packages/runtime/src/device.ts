import { createRequire } from 'node:module';
import path from 'node:path';
import type { Device } from '@farout/core';
import { didYouMean, FaroutError } from '@farout/core/errors';

/** What networks can run on, in the order in which `auto` tries them. */
export const devices: readonly Device[] = ['cuda', 'webgpu', 'cpu'];

const choices = { title: 'Devices', names: [...devices, 'auto'] };

/** Where the script lies that fetches them, seen from the folder that the user stands in. */
function installScript(): string {
  const { resolve } = createRequire(import.meta.url);
  const script = (name: string) => quoted(path.relative('', resolve(`${name}/script/install.js`)));
  try {
    return script('@farout/onnxruntime');
  } catch {
    // In the repository it is the package that the published one is made of.
    return script('onnxruntime-node');
  }
}

/** A path as a shell takes it, should there be blanks in it. */
const quoted = (file: string) => (/\s/.test(file) ? `"${file}"` : file);

/** What a device needs, and where it comes from. */
const remedies: Readonly<Record<Exclude<Device, 'cpu'>, string>> = {
  cuda:
    'On Linux x64 its libraries come with one command: ' +
    `ONNXRUNTIME_NODE_INSTALL=true node ${installScript()}; ` +
    "they need NVIDIA's driver, CUDA 12 and cuDNN 9.",
  webgpu:
    'On Linux it needs a Vulkan driver for the graphics card; `vulkaninfo --summary` lists those that are installed.',
};

/** OOD_DEVICE_UNAVAILABLE for what is no device. */
export const unknownDevice = (name: string): FaroutError =>
  new FaroutError('OOD_DEVICE_UNAVAILABLE', `there is no device "${name}"`, {
    fix: didYouMean(name, choices.names) ?? 'Take one of those below.',
    choices,
  });

/** OOD_DEVICE_UNAVAILABLE for a device that this machine lacks; `reason` in onnxruntime's words. */
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
    { fix: 'Take another device.', choices },
  );

/** onnxruntime begins with the place in its sources; what it means comes after. */
const brief = (reason: string) =>
  reason
    .trim()
    .replace(/^\/\S+ .* was false\. /s, '')
    .replace(/\s+/g, ' ');

/** How many nodes are named before the rest is counted. */
const named = 8;

function listed(nodes: readonly string[]): string {
  const rest = nodes.length - named;
  return nodes.slice(0, named).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
