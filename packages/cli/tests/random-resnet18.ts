/** Numbers in 0..1 that look like chance, always the same. */
export function* numbers(seed: number): Generator<number, never> {
  for (let x = seed; ;) yield (x = (Math.imul(x, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

/** Random weights of ResNet-18 as torchvision and the paper's code name them, in a safetensors file; it begins with 3 × 3 for CIFAR, else with 7 × 7. */
export function randomResnet18(classes: number, side: 3 | 7 = 3): Uint8Array {
  const shapes: Record<string, number[]> = { 'conv1.weight': [64, 3, side, side] };
  const norm = (name: string, width: number) => {
    for (const each of ['weight', 'bias', 'running_mean', 'running_var']) shapes[`${name}.${each}`] = [width];
  };
  norm('bn1', 64);
  let channels = 64;
  for (const [stage, width] of [64, 128, 256, 512].entries())
    for (const block of [0, 1]) {
      const name = `layer${stage + 1}.${block}`;
      shapes[`${name}.conv1.weight`] = [width, channels, 3, 3];
      shapes[`${name}.conv2.weight`] = [width, width, 3, 3];
      norm(`${name}.bn1`, width);
      norm(`${name}.bn2`, width);
      if (width !== channels) {
        shapes[`${name}.downsample.0.weight`] = [width, channels, 1, 1];
        norm(`${name}.downsample.1`, width);
      }
      channels = width;
    }
  Object.assign(shapes, { 'fc.weight': [classes, 512], 'fc.bias': [classes] });
  const draw = numbers(7);
  const arrays = Object.entries(shapes).map(([name, shape]) => {
    const reach = Math.sqrt(6 / shape.slice(1).reduce((a, b) => a * b, 1));
    const value = shape.length > 1 ? (u: number) => reach * (2 * u - 1) : (u: number) => 0.5 + u;
    const length = shape.reduce((a, b) => a * b, 1);
    return [name, shape, Float32Array.from({ length }, () => value(draw.next().value))] as const;
  });
  let at = 0;
  const described = arrays.map(([name, shape, { byteLength }]) => [
    name,
    { dtype: 'F32', shape, data_offsets: [at, (at += byteLength)] },
  ]);
  const head = Buffer.from(JSON.stringify(Object.fromEntries(described)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(head.length));
  return Buffer.concat([length, head, ...arrays.map(([, , data]) => Buffer.from(data.buffer))]);
}
