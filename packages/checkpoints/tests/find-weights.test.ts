import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { findWeights } from '../src/torch/find-weights.ts';
import { readCheckpoint } from '../src/torch/read-checkpoint.ts';
import { elementTypes } from '../src/torch/element-types.ts';
import { StorageRecord } from '../src/torch/storage-record.ts';
import { TensorRecord } from '../src/torch/tensor-record.ts';
import { inFolder, pythonWith } from './parts/surroundings.ts';

const tensor = (type: keyof typeof elementTypes) =>
  new TensorRecord(new StorageRecord('0', elementTypes[type], 2), 0, [2], [1]);

const weights = new Map([['fc.weight', tensor('float32')]]);

describe('findWeights', () => {
  it('takes a dictionary of tensors as it is', () => {
    expect(findWeights(weights)).toEqual(weights);
  });

  it.each(['state_dict', 'model_state_dict', 'model'])('finds them under "%s", whatever is beside them', (place) => {
    const beside = new Map<unknown, unknown>([
      ['epoch', 3],
      ['optimizer', new Map([[0, tensor('bool')]])],
      [place, weights],
      ['ema', weights],
    ]);
    expect(findWeights(beside)).toEqual(weights);
  });

  it('takes a tensor that is itself called "model" for a tensor', () => {
    const named = new Map([['model', tensor('float32')]]);
    expect(findWeights(named)).toEqual(named);
  });

  it.each([
    [
      'two networks',
      new Map([
        ['model', weights],
        ['state_dict', weights],
      ]),
      /"state_dict" and "model"/,
    ],
    ['whole numbers for weights', new Map([['w', tensor('int32')]]), /its tensor "w" holds int32 numbers/],
    ['a number among the weights', new Map([['model', new Map([['epoch', 3]])]]), /its entry "epoch" is the number 3/],
    ['no dictionary', null, /it holds None/],
  ])('refuses %s', (_, root, message) => {
    expect(() => findWeights(root)).toThrow(message);
  });
});

const python = pythonWith('torch');

/** What torchvision's training script, Lightning and PyTorch's tutorial keep, after one step of training. */
const make = `
import sys, json, argparse, pathlib, numpy, torch
torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
optimizer = torch.optim.Adam(model.parameters())
model(torch.randn(2, 3, 5, 5)).sum().backward()
optimizer.step()
scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [3, 4])
weights = model.state_dict()
args = argparse.Namespace(lr=0.1, device=torch.device('cpu'), dtype=torch.float16, size=torch.Size([2, 3]), output=pathlib.Path('a/b'))
beside = dict(optimizer=optimizer.state_dict(), lr_scheduler=scheduler.state_dict(), epoch=3, args=args, best=numpy.float64(0.5),
              rng=torch.get_rng_state(), mask=torch.ones(3, dtype=torch.bool), history=[0.5, None, {'a': (1, 2)}])
lightning = {f'model.{name}': tensor for name, tensor in weights.items()}
files = {
    'torchvision': dict(model=weights, **beside),
    'tutorial': dict(beside, model_state_dict=weights),
    'lightning': {'state_dict': lightning, 'pytorch-lightning_version': '1.9.0', 'global_step': 7, 'loops': {}, 'callbacks': {}, **beside},
    'parallel': torch.nn.DataParallel(model).state_dict(),
}
for name, value in files.items():
    for zip_format, protocol in [(1, 2), (0, 2), (1, 4), (0, 5)]:
        torch.save(value, f'{sys.argv[1]}/{name}-{zip_format}-{protocol}', pickle_protocol=protocol,
                   _use_new_zipfile_serialization=bool(zip_format))
print(json.dumps([[k, v.double().flatten().tolist()] for k, v in weights.items()]))`;

const prefixes = new Map([
  ['lightning', 'model.'],
  ['parallel', 'module.'],
]);

describe(python ? 'training checkpoints' : 'training checkpoints (skipped: no python3 here can import torch)', () => {
  (python ? it : it.skip)('give their weights in both formats, and nothing of what is beside them', async () => {
    await inFolder(async (folder) => {
      const expected = JSON.parse(python!(make, folder)) as [string, number[]][];
      const files = await readdir(folder);
      expect(files).toHaveLength(16);
      for (const file of files) {
        const prefix = prefixes.get(file.split('-')[0]!) ?? '';
        const arrays = [...(await readCheckpoint(join(folder, file)))];
        expect(arrays.map(([name, { data }]) => [name, Array.from<number | bigint, number>(data, Number)])).toEqual(
          expected.map(([name, numbers]) => [prefix + name, numbers]),
        );
      }
    });
  });
});
