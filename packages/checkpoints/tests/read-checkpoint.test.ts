import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { FaroutError } from '@farout/core';
import fc from 'fast-check';
import { readCheckpoint } from '../src/torch/read-checkpoint.ts';
import { legacyCheckpoint, zipCheckpoint, type Storages } from './parts/checkpoints.ts';
import { bytes, dictionary, global, integer, parameter, tensor, text, tuple } from './parts/pickles.ts';
import { inFile, inFolder } from './parts/surroundings.ts';

const read = (file: Uint8Array) => inFile(file, readCheckpoint);

/** A file is refused with this in its message, and nothing else. */
const refusal = (message: RegExp) => ({ code: 'OOD_CHECKPOINT_REFUSED', message: expect.stringMatching(message) });

const weight = { key: '0', length: 6, shape: [2, 3], strides: [3, 1] } as const;
const six = { '0': Float32Array.of(1, 2, 3, 4, 5, 6) };

const formats = [
  { format: 'zip', save: zipCheckpoint },
  { format: 'legacy', save: legacyCheckpoint },
];

describe.each(formats)('a checkpoint in the $format format', ({ save }) => {
  const only = async (value: Buffer, storages: Storages = six) =>
    (await read(save(dictionary({ w: value }), storages))).get('w');

  it('gives its tensors by name in the order of the file', async () => {
    const count = { key: '1', type: 'LongStorage', length: 1, shape: [], strides: [] };
    const value = dictionary({ 'fc.weight': tensor(weight), 'bn.num_batches_tracked': tensor(count) });
    expect([...(await read(save(value, { ...six, '1': BigInt64Array.of(7n) })))]).toEqual([
      ['fc.weight', { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] }],
      ['bn.num_batches_tracked', { data: BigInt64Array.of(7n), shape: [] }],
    ]);
  });

  it('may be an OrderedDict with the versions of modules as an attribute', async () => {
    const filled = bytes(global('collections', 'OrderedDict'), ')R(', text('w'), tensor(weight), 'u');
    const value = bytes(filled, dictionary({ _metadata: dictionary({ version: 'K\x01' }) }), 'b');
    expect((await read(save(value, six))).get('w')?.shape).toEqual([2, 3]);
  });

  it('may be an OrderedDict as Python 2 writes it, of a list of lists', async () => {
    const item = bytes('](', bytes('U\x01w'), tensor(weight), 'e');
    const value = bytes(global('collections', 'OrderedDict'), tuple(bytes('](', item, 'e')), 'R');
    expect((await read(save(value, six))).get('w')?.shape).toEqual([2, 3]);
  });

  it('may hold Parameters', async () => {
    expect(await only(parameter(tensor(weight)))).toEqual({ data: six['0'], shape: [2, 3] });
  });

  it('may hold a window on a storage', async () => {
    const array = await only(tensor({ ...weight, offset: 2, shape: [3], strides: [1] }));
    expect(array).toEqual({ data: Float32Array.of(3, 4, 5), shape: [3] });
  });

  it('may hold a transposed tensor, which becomes row-major', async () => {
    const array = await only(tensor({ ...weight, shape: [3, 2], strides: [1, 3] }));
    expect(array).toEqual({ data: Float32Array.of(1, 4, 2, 5, 3, 6), shape: [3, 2] });
  });

  it('may hold an empty tensor', async () => {
    const array = await only(tensor({ length: 0, shape: [0, 3], strides: [3, 1] }), { '0': new Float32Array(0) });
    expect(array).toEqual({ data: new Float32Array(0), shape: [0, 3] });
  });

  it('gives tensors that share a storage arrays that share a buffer', async () => {
    const arrays = await read(save(dictionary({ a: tensor(weight), b: tensor(weight) }), six));
    expect(arrays.get('a')!.data.buffer).toBe(arrays.get('b')!.data.buffer);
  });

  it('may name a tensor __proto__ without harm', async () => {
    const value = bytes('}(', text('__proto__'), tensor(weight), 'u');
    expect([...(await read(save(value, six))).keys()]).toEqual(['__proto__']);
  });

  it.each([
    ['runs a command', global('posix', 'system'), /posix\.system/],
    ['names builtins.eval', global('builtins', 'eval'), /builtins\.eval/],
    ['names a global in another module of torch', global('torch._utils', '_import_dotted_name'), /_import_dotted_name/],
    ['holds a list', ']', /it contains a list, not a dictionary of tensors/],
    ['holds a number', dictionary({ epoch: 'K\x03' }), /its entry "epoch" is the number 3, not a named tensor/],
    ['nests anything but weights', dictionary({ optimizer: '}' }), /its entry "optimizer" is a dictionary/],
    [
      'holds two networks',
      dictionary({ model: '}', state_dict: '}' }),
      /it contains 2 networks, "state_dict" and "model"/,
    ],
    ['has a tensor under a number', bytes('}K\x01', tensor(weight), 's'), /its entry "1" is a tensor/],
    ['has a name twice', bytes('}(', text('w'), 'N', text('w'), 'N', 'u'), /the key "w" twice/],
    ['holds a module', bytes(tuple(text('module'), 'N'), 'Q'), /refers to the text "module" where a storage/],
    [
      'holds a storage that is a view on another',
      bytes(
        tuple(text('storage'), global('torch', 'FloatStorage'), text('0'), text('cpu'), integer(6), tuple(text('1'))),
        'Q',
      ),
      /storage 0 is a view on another storage/,
    ],
    [
      'has a pickle beyond 4 MiB',
      text('x'.repeat(2 ** 22)),
      /its pickle has 41943\d\d bytes|is truncated at byte 4194304/,
    ],
    ['is of int32', dictionary({ w: tensor({ ...weight, type: 'IntStorage' }) }), /tensor "w" has int32 numbers/],
    [
      'is of complex64',
      dictionary({ w: tensor({ ...weight, type: 'ComplexFloatStorage' }) }),
      /tensor "w" has complex64 numbers/,
    ],
    [
      'lacks a storage',
      dictionary({ w: tensor({ ...weight, key: '9' }) }),
      /no entry "archive\/data\/9"|which no tensor uses/,
    ],
    [
      'reaches past a storage',
      dictionary({ w: tensor({ ...weight, offset: 1 }) }),
      /reaches element 7 of a storage of 6/,
    ],
    [
      'has a shape whose product is beyond any number',
      dictionary({ w: tensor({ ...weight, shape: Array(16).fill(2 ** 52), strides: Array(16).fill(1) }) }),
      /reaches element/,
    ],
    [
      'multiplies a storage beyond the size of the file',
      dictionary({ w: tensor({ ...weight, shape: [2 ** 40], strides: [0] }) }),
      /would take 4398046511104 bytes, more than the file's/,
    ],
    ['has a negative size', dictionary({ w: tensor({ ...weight, shape: [-2, 3] }) }), /the number -2 for a size/],
    ['has a negative stride', dictionary({ w: tensor({ ...weight, strides: [3, -1] }) }), /the number -1 for a size/],
    ['has too few strides', dictionary({ w: tensor({ ...weight, strides: [1] }) }), /2 axes and 1 strides/],
    [
      'declares a storage larger than it is',
      dictionary({ w: tensor({ ...weight, length: 2 ** 50 }) }),
      /has 24 bytes, its tensors expect 4503599627370496|has 6 elements, its tensors expect 1125899906842624/,
    ],
    ['declares a storage of negative length', dictionary({ w: tensor({ ...weight, length: -6 }) }), /the number -6/],
    [
      'describes one storage in two ways',
      dictionary({ a: tensor(weight), b: tensor({ ...weight, type: 'LongStorage' }) }),
      /storage 0 is described in two ways/,
    ],
  ])('is refused when it %s', async (_, value, message) => {
    const storages = bytes(value).includes('_rebuild') ? six : {};
    await expect(read(save(value, storages))).rejects.toMatchObject(refusal(message));
  });

  it('is read or refused, and nothing else, whatever byte of it is damaged', async () => {
    const file = save(
      dictionary({ a: tensor(weight), b: parameter(tensor({ ...weight, offset: 3, shape: [3], strides: [1] })) }),
      six,
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(file.length - 1), fc.nat(255), async (position, value) => {
        const damaged = Buffer.from(file);
        damaged[position] = value;
        expect(await outcome(damaged)).toMatch(/^(read|refused)$/);
      }),
      { numRuns: 500 },
    );
  });

  it('is refused wherever it is cut off', async () => {
    const file = save(dictionary({ a: tensor(weight) }), six);
    for (let length = 0; length < file.length; length++) {
      expect(`${await outcome(file.subarray(0, length))} at ${length}`).toBe(`refused at ${length}`);
    }
  });
});

async function outcome(file: Uint8Array): Promise<string> {
  try {
    await read(file);
    return 'read';
  } catch (error) {
    if (error instanceof FaroutError && error.code === 'OOD_CHECKPOINT_REFUSED') return 'refused';
    throw error;
  }
}

describe('readCheckpoint', () => {
  it('names the file that it refuses', async () => {
    await inFile(Buffer.from('something else'), async (path) => {
      await expect(readCheckpoint(path)).rejects.toMatchObject(refusal(/neither a zip nor a pickle nor safetensors/));
      await expect(readCheckpoint(path)).rejects.toMatchObject({ message: expect.stringContaining(path) });
    });
  });

  it('says that a file is missing', async () => {
    await inFolder(async (folder) => {
      await expect(readCheckpoint(join(folder, 'none.pth'))).rejects.toMatchObject({ code: 'OOD_MISSING_FILE' });
      await expect(readCheckpoint(folder)).rejects.toMatchObject({ code: 'OOD_MISSING_FILE' });
    });
  });

  it('refuses a pickle that torch.save has not written', async () => {
    await expect(read(Buffer.from('\x80\x02K\x01.K\x02.', 'latin1'))).rejects.toMatchObject(
      refusal(/not one that torch\.save has written/),
    );
  });

  it('refuses numbers of another byte order', async () => {
    const value = dictionary({ w: tensor(weight) });
    const big = zipCheckpoint(value, six, [{ name: 'archive/byteorder', content: Buffer.from('big') }]);
    await expect(read(big)).rejects.toMatchObject(refusal(/byte order "big"/));
    await expect(read(legacyCheckpoint(value, six, '\x89'))).rejects.toMatchObject(refusal(/little-endian/));
  });

  it('refuses a zip without a pickle, and one with two', async () => {
    const second = [{ name: 'other/data.pkl', content: Buffer.from('N.') }];
    await expect(read(zipCheckpoint('}', {}, second))).rejects.toMatchObject(refusal(/2 pickles named data\.pkl/));
  });

  it('refuses a storage that is listed twice in the legacy format', async () => {
    const file = legacyCheckpoint(dictionary({ w: tensor(weight) }), six);
    const twice = bytes(file.subarray(0, -32 - 2), text('0'), 'e.', file.subarray(-32), file.subarray(-32));
    await expect(read(twice)).rejects.toMatchObject(refusal(/storage 0 is listed twice/));
  });
});
