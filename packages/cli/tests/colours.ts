/** A network of a plugin's own, whose published weights are those of the manifest `models/colours.yaml`: the mean of each colour, and a last layer. */
export const coloursPlugin = `
import { defineBackbone, definePlugin, filePath, imageParameters, z } from '@farout/core';
const colours = defineBackbone({
  name: 'colours',
  params: z.object({ weights: filePath(), ...imageParameters }),
  published: { parameter: 'weights', manifest: 'colours' },
  open: async ({ weights }, { stateDict }) => {
    const state = await stateDict(weights);
    const head = { weight: state.take('weight', ['classes', 3]), bias: state.take('bias', ['classes']) };
    return { features: (image) => image.mean([2, 3]), head };
  },
});
export default definePlugin({ name: 'farout-colours', backbones: [colours], manifests: new URL('.', import.meta.url) });
`;

/** Its weights as safetensors: a header in JSON after its length, then the numbers. */
export function coloursWeights(classes: number): Buffer {
  const arrays = {
    weight: { dtype: 'F32', shape: [classes, 3], data_offsets: [0, 12 * classes] },
    bias: { dtype: 'F32', shape: [classes], data_offsets: [12 * classes, 16 * classes] },
  };
  const header = Buffer.from(JSON.stringify(arrays));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const numbers = Float32Array.from({ length: 4 * classes }, (_, i) => Math.sin(i * i + 1));
  return Buffer.concat([length, header, new Uint8Array(numbers.buffer)]);
}
