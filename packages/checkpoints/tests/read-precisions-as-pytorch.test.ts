import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readCheckpoint } from '../src/torch/read-checkpoint.ts';
import { inFolder, pythonWith } from './parts/surroundings.ts';

const python = pythonWith('torch');

/**
 * Tensors of every precision: all 65,536 float16 and bfloat16; of float32 and float64 random bits, ties of rounding, numbers
 * beyond float32 and below its smallest, infinities and NaN. Each in every format, and what `.float()` makes of it.
 */
const make = `
import sys, json, struct, torch
folder = sys.argv[1]
torch.manual_seed(0)
bits16 = torch.arange(65536, dtype=torch.int32).to(torch.int16)
bits64 = torch.randint(-2**63, 2**63 - 1, (20000,), dtype=torch.int64)
special = [0.0, -0.0, float('inf'), float('-inf'), float('nan'), 1e300, -1e300, 2.0**-150, 2.0**-149, 3 * 2.0**-150, 2.0**-126,
           1 + 2.0**-24, 1 + 3 * 2.0**-24, 1 + 2.0**-24 + 2.0**-50, 3.4028235677973366e38, 3.4028235677973362e38]
doubles = torch.cat([bits64.view(torch.float64), torch.randn(20000, dtype=torch.float64), torch.tensor(special, dtype=torch.float64)])
tensors = {
    'float16': bits16.view(torch.float16).clone().reshape(64, 1024),
    'bfloat16': bits16.view(torch.bfloat16).clone().reshape(64, 1024),
    'float32': torch.randint(-2**31, 2**31 - 1, (20000,), dtype=torch.int32).view(torch.float32),
    'float64': doubles,
}
names = {'float16': 'F16', 'bfloat16': 'BF16', 'float32': 'F32', 'float64': 'F64'}
raw = lambda t: t.contiguous().view(torch.uint8).numpy().tobytes()
header, data = {'__metadata__': {'format': 'pt'}}, b''
for name, tensor in tensors.items():
    content = raw(tensor)
    header[name] = {'dtype': names[name], 'shape': list(tensor.shape), 'data_offsets': [len(data), len(data) + len(content)]}
    data += content
    open(f'{folder}/{name}', 'wb').write(raw(tensor.float()))
text = json.dumps(header).encode()
open(f'{folder}/safetensors', 'wb').write(struct.pack('<Q', len(text)) + text + data)
tensors.update(transposed=tensors['float16'][:, :7].t())
open(f'{folder}/transposed', 'wb').write(raw(tensors['transposed'].float()))
torch.save(tensors, f'{folder}/zip')
torch.save(tensors, f'{folder}/legacy', _use_new_zipfile_serialization=False)`;

const names = ['float16', 'bfloat16', 'float32', 'float64'];

describe(python ? 'precisions' : 'precisions (skipped: no python3 here can import torch)', () => {
  (python ? it : it.skip).each([
    ['zip', [...names, 'transposed']],
    ['legacy', [...names, 'transposed']],
    ['safetensors', names],
  ])('in the format %s become the float32 that PyTorch makes of them, to the bit', async (format, expected) => {
    await inFolder(async (folder) => {
      python!(make, folder);
      const arrays = await readCheckpoint(join(folder, format));
      expect([...arrays.keys()]).toEqual(expected);
      for (const [name, { data }] of arrays) {
        expect(data).toBeInstanceOf(Float32Array);
        const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
        expect([name, bytes.equals(await readFile(join(folder, name)))]).toEqual([name, true]);
      }
    });
  });
});
