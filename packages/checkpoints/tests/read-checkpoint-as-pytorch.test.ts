import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NDArray, TypedArray } from '@farout/core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readNpy } from '../src/npy.ts';
import { readCheckpoint } from '../src/torch/read-checkpoint.ts';
import { data, inFolder, itWithData, pythonWith } from './parts/surroundings.ts';

describe('real networks', () => {
  const networks = [
    { folder: 'resnet50', file: 'resnet50-ktb.pth', head: 'fc', count: 320, shape: [1000, 2048] },
    { folder: 'mobilenet-v2', file: 'mobilenet_v2-coral.pth', head: 'classifier.1', count: 314, shape: [1000, 1280] },
  ];

  for (const { folder, file, head, count, shape } of networks) {
    itWithData(`${file} has the head that makes the reference logits of the reference features`, async () => {
      const arrays = await readCheckpoint(join(data!, 'models', file));
      const features = await readNpy(join(data!, 'golden', folder, 'features-first32.npy'));
      const logits = await readNpy(join(data!, 'golden', folder, 'logits-first32.npy'));
      expect(arrays.size).toBe(count);
      expect(arrays.get(`${head}.weight`)!.shape).toEqual(shape);
      const made = linear(features, arrays.get(`${head}.weight`)!, arrays.get(`${head}.bias`)!, 4);
      const worst = Math.max(...made.map((value, i) => Math.abs(value - (logits.data as Float32Array)[i]!)));
      expect(worst).toBeLessThan(2e-5);
    });
  }
});

/** rows · weightᵀ + bias in float64, for the first `count` rows. */
function linear(rows: NDArray, weight: NDArray, bias: NDArray, count: number): number[] {
  const [x, w, b] = [rows.data, weight.data, bias.data] as [Float32Array, Float32Array, Float32Array];
  const width = rows.shape[1]!;
  const made: number[] = [];
  for (let row = 0; row < count; row++) {
    for (let k = 0; k < b.length; k++) {
      let sum = b[k]!;
      for (let d = 0; d < width; d++) sum += x[row * width + d]! * w[k * width + d]!;
      made.push(sum);
    }
  }
  return made;
}

const python = pythonWith('torch');
const itWithTorch = python ? it : it.skip;

describe(python ? 'against PyTorch' : 'against PyTorch (skipped: no python3 here has torch)', () => {
  const make = `
import sys, json, itertools, torch
torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.Linear(4, 5))
tensors = model.state_dict()
base = torch.randn(4, 6)
tensors.update(
    base=base, transposed=base.t(), window=base[1:3, 2:5], column=base[:, 1],
    permuted=torch.randn(2, 3, 4).permute(2, 0, 1), scalar=torch.tensor(2.5), empty=torch.randn(0, 3),
    channels_last=torch.randn(2, 3, 4, 5).contiguous(memory_format=torch.channels_last),
    parameter=torch.nn.Parameter(torch.randn(3)), expanded=torch.randn(1, 3).expand(4, 3), large=torch.tensor([-1, 2**40]))
for zip_format, protocol in itertools.product([0, 1], [2, 3, 4, 5]):
    torch.save(tensors, f'{sys.argv[1]}/{zip_format}-{protocol}.pth',
               _use_new_zipfile_serialization=bool(zip_format), pickle_protocol=protocol)
print(json.dumps([[k, list(v.shape), v.detach().double().flatten().tolist()] for k, v in tensors.items()]))`;

  itWithTorch('reads what torch.save writes, in both formats and in the pickle protocols 2 to 5', async () => {
    await inFolder(async (folder) => {
      const expected: unknown = JSON.parse(python!(make, folder));
      const files = await readdir(folder);
      expect(files).toHaveLength(8);
      for (const file of files) {
        const arrays = [...(await readCheckpoint(join(folder, file)))];
        expect(
          arrays.map(([name, { data, shape }]) => [name, shape, Array.from<number | bigint, number>(data, Number)]),
        ).toEqual(expected);
      }
    });
  });

  itWithTorch('runs nothing of what PyTorch would run, and refuses a module by the name of its class', async () => {
    await inFolder(async (folder) => {
      python!(
        `
import sys, os, torch
class Hostile:
    def __reduce__(self): return os.system, ('touch ' + sys.argv[1] + '/ran',)
torch.save({'w': Hostile()}, sys.argv[1] + '/hostile.pth')
torch.save(torch.nn.Linear(2, 2), sys.argv[1] + '/module.pth')`,
        folder,
      );
      await expect(readCheckpoint(join(folder, 'hostile.pth'))).rejects.toMatchObject({
        code: 'OOD_CHECKPOINT_REFUSED',
        message: expect.stringContaining('posix.system'),
      });
      await expect(readCheckpoint(join(folder, 'module.pth'))).rejects.toMatchObject({
        message: expect.stringContaining('torch.nn.modules.linear.Linear'),
      });
      expect(await readdir(folder)).not.toContain('ran');
    });
  });

  (python && data ? it : it.skip)('gives the real networks the names, shapes and sums that PyTorch sees', async () => {
    const files = ['resnet50-ktb.pth', 'mobilenet_v2-coral.pth'].map((file) => join(data!, 'models', file));
    const sums = `
import sys, json, torch
of = lambda tensors: [[k, list(v.shape), v.double().abs().sum().item()] for k, v in tensors.items()]
print(json.dumps([of(torch.load(path, map_location='cpu')) for path in sys.argv[1:]]))`;
    const expected = JSON.parse(python!(sums, ...files)) as [string, number[], number][][];
    for (const [i, file] of files.entries()) {
      const arrays = [...(await readCheckpoint(file))];
      expect(arrays.map(([name, { shape }]) => [name, shape])).toEqual(
        expected[i]!.map(([name, shape]) => [name, shape]),
      );
      for (const [j, [, { data }]] of arrays.entries()) {
        const sum = expected[i]![j]![2];
        expect(Math.abs(absoluteSum(data) - sum)).toBeLessThanOrEqual(1e-9 * sum);
      }
    }
  });
});

function absoluteSum(data: TypedArray): number {
  const numbers =
    data instanceof BigInt64Array || data instanceof BigUint64Array ? Float64Array.from(data, Number) : data;
  let sum = 0;
  for (const value of numbers) sum += value < 0 ? -value : value;
  return sum;
}

/**
 * Tensors of every precision: all 65,536 float16 and bfloat16; of float32 and float64 random bits, ties of rounding, numbers
 * beyond float32 and below its smallest, infinities and NaN. Each in every format, and what `.float()` makes of it.
 */
const makePrecisions = `
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

describe(python ? 'precisions' : 'precisions (skipped: no python3 here has torch)', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'farout-precisions-'));
    python?.(makePrecisions, folder);
  });
  afterAll(() => rm(folder, { recursive: true }));

  itWithTorch.each([
    ['zip', [...names, 'transposed']],
    ['legacy', [...names, 'transposed']],
    ['safetensors', names],
  ])('in the format %s become the float32 that PyTorch makes of them, to the bit', async (format, expected) => {
    const arrays = await readCheckpoint(join(folder, format));
    expect([...arrays.keys()]).toEqual(expected);
    for (const [name, { data }] of arrays) {
      expect(data).toBeInstanceOf(Float32Array);
      const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      expect([name, bytes.equals(await readFile(join(folder, name)))]).toEqual([name, true]);
    }
  });
});
