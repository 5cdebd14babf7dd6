import { legacyCheckpoint, zipCheckpoint } from '../parts/checkpoints.ts';
import { bytes, dictionary, global, tensor, text, tuple } from '../parts/pickles.ts';
import type { HostileFile } from './hostile-files.ts';

type Value = string | Uint8Array;

/** What a checkpoint claims to hold, and what its refusal says. The marker is a file that appears when code of it runs. */
const commands = (marker: string): [title: string, value: Value, message: RegExp][] => {
  const shell = tuple(text(`touch '${marker}'`));
  const code = tuple(text(`open(${JSON.stringify(marker)}, 'w')`));
  return [
    ['os.system by REDUCE', bytes(global('os', 'system'), shell, 'R'), /refers to os\.system/],
    ['posix.system by STACK_GLOBAL', bytes(text('posix'), text('system'), '\x93', shell, 'R'), /to posix\.system/],
    ['posix.system by INST', bytes('(', text(`touch '${marker}'`), 'iposix\nsystem\n'), /instruction INST/],
    ['posix.system by OBJ', bytes('(', global('posix', 'system'), text(marker), 'o'), /refers to posix\.system/],
    ['subprocess.Popen by NEWOBJ', bytes(global('subprocess', 'Popen'), shell, '\x81'), /to subprocess\.Popen/],
    ['OrderedDict by NEWOBJ', bytes(global('collections', 'OrderedDict'), ')\x81'), /makes an object of collections/],
    ['Namespace by NEWOBJ_EX', bytes(global('argparse', 'Namespace'), ')}\x92'), /instruction NEWOBJ_EX/],
    [
      'posix.system beside the weights',
      dictionary({ model: '}', optimizer: bytes(global('posix', 'system'), shell, 'R') }),
      /refers to posix\.system/,
    ],
    [
      'posix.system in arguments by BUILD',
      bytes(global('argparse', 'Namespace'), ')\x81', global('posix', 'system'), shell, 'Rb'),
      /refers to posix\.system/,
    ],
    ['builtins.eval', bytes(global('builtins', 'eval'), code, 'R'), /refers to builtins\.eval/],
    ['builtins.exec', bytes(global('builtins', 'exec'), code, 'R'), /refers to builtins\.exec/],
    ['runpy.run_path', bytes(global('runpy', 'run_path'), tuple(text(marker)), 'R'), /refers to runpy\.run_path/],
    ['builtins.getattr', global('builtins', 'getattr'), /refers to builtins\.getattr/],
    ['torch.hub.load', global('torch.hub', 'load'), /refers to torch\.hub\.load/],
    ['a name within an allowed one', bytes(text('collections'), text('abc.sys'), '\x93'), /to collections\.abc\.sys/],
    ['a constructor of JavaScript', global('constructor', 'constructor'), /refers to constructor\.constructor/],
    ['an extension', '\x82\x01', /instruction EXT1/],
    ['attributes of a tuple', ')}b', /sets attributes of a tuple/],
    ['a call of text', bytes(text('eval'), code, 'R'), /calls the text "eval"/],
  ];
};

const manyOf = (instructions: string) => instructions.repeat(1_000_001 / instructions.length + 1);

const bombs: [title: string, value: Value, message: RegExp][] = [
  ['a million dictionaries', manyOf('}'), /more than 200000 dictionaries and lists/],
  ['a million lists', manyOf(']'), /more than 200000 dictionaries and lists/],
  [
    'a million calls of OrderedDict',
    bytes(global('collections', 'OrderedDict'), 'q\x00', 'h\x00)R'.repeat(1_000_000)),
    /more than 500000 instructions/,
  ],
  ['a million marks', manyOf('('), /more than 500000 instructions/],
  ['a million tuples in one another', `)${manyOf('\x85')}`, /more than 500000 instructions/],
  ['a million values in the memo', `N${manyOf('\x94')}`, /more than 500000 instructions/],
  ['a memo that doubles a tuple with each step', `)${'q\x00h\x00\x86'.repeat(150_000)}`, /contains a tuple/],
  ['a memo that doubles a list with each step', `]${'q\x00(h\x00h\x00e'.repeat(50_000)}`, /contains a list/],
  ['a recursive dictionary', bytes('}q\x00', text('model'), 'h\x00s'), /entry "model" is a dictionary/],
  ['text of 4 GiB', 'X\xff\xff\xff\xffabc', /is truncated at byte/],
  ['a number of 4 GiB', '\x8b\xff\xff\xff\x7f', /instruction LONG4/],
  ['an index of the memo of 2³² − 1', 'j\xff\xff\xff\xff', /recalls value 4294967295/],
];

const weight = { length: 6, shape: [2, 3], strides: [3, 1] } as const;

/** Tensors over a storage of six numbers. */
const tensors: [title: string, change: Partial<Parameters<typeof tensor>[0]>, message: RegExp][] = [
  ['a negative size', { shape: [-2, 3] }, /the number -2 for a size/],
  ['a negative stride', { strides: [-3, 1] }, /the number -3 for a size, a stride/],
  ['a negative offset', { offset: -1 }, /the number -1 for a size, a stride or an offset/],
  ['an offset past the end', { offset: 2n ** 52n }, /reaches element \S+ of a storage of 6/],
  ['sizes beyond any number', { shape: Array(16).fill(2 ** 52), strides: Array(16).fill(1) }, /reaches element/],
  ['a size of 2⁶²', { shape: [2n ** 62n, 1] }, /the number 4611686018427387904 for a size/],
  ['strides beyond the storage', { strides: [2n ** 52n, 1] }, /reaches element \S+ of a storage of 6/],
  ['a terabyte out of one number', { shape: [2 ** 20, 2 ** 18], strides: [0, 0] }, /would take 1099511627776 bytes/],
  ['a storage of a petabyte', { length: 2 ** 48 }, /expect (1125899906842624|281474976710656)/],
  ['a storage of negative length', { length: -6 }, /the number -6/],
  ['a hundred axes', { shape: Array(100).fill(1), strides: Array(100).fill(1) }, /100 axes/],
];

const six = { '0': Float32Array.of(1, 2, 3, 4, 5, 6) };

export const hostilePickles = (marker: string): HostileFile[] => [
  ...[...commands(marker), ...bombs].flatMap(([title, value, message]) => [
    { title: `${title}, zip`, bytes: zipCheckpoint(value, {}), message },
    { title: `${title}, legacy`, bytes: legacyCheckpoint(value, {}), message },
  ]),
  ...tensors.flatMap(([title, change, message]) => {
    const value = dictionary({ w: tensor({ ...weight, ...change }) });
    return [
      { title: `${title}, zip`, bytes: zipCheckpoint(value, six), message },
      { title: `${title}, legacy`, bytes: legacyCheckpoint(value, six), message },
    ];
  }),
];
