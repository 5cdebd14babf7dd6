import { describe, expect, it } from '@jest/globals';
import { Refusal } from '../src/files.ts';
import { PickleGlobal, PickleList, PickleObject } from '../src/pickle/machine.ts';
import { unpickle } from '../src/pickle/unpickle.ts';
import { CheckpointHost } from '../src/torch/host.ts';
import { bytes, global, text } from './parts/pickles.ts';

const run = (pickle: string | Uint8Array) => unpickle(bytes(pickle), 0, new CheckpointHost()).value;

/** A list with these items. */
const list = (...items: unknown[]) => {
  const made = new PickleList();
  made.items.push(...items);
  return made;
};

describe('unpickle', () => {
  // Expected values: what Python's pickle.loads gives for the same bytes.
  it.each([
    ['None', 'N.', null],
    ['True', '\x88.', true],
    ['False', '\x89.', false],
    ['a byte', 'K\xff.', 255],
    ['two bytes', 'M\x00\x01.', 256],
    ['a negative number', 'J\xfe\xff\xff\xff.', -2],
    ['a long of no bytes', '\x8a\x00.', 0],
    ['a long of one byte', '\x8a\x01\xff.', -1],
    ['a long of three bytes', '\x8a\x03\xff\xff\x00.', 65535],
    ['a long beyond doubles', '\x8a\x08\x01\x00\x00\x00\x00\x00\x20\x00.', 9007199254740993n],
    ['a long beyond all doubles', `\x8a\xff${'\x7f'.repeat(255)}.`, BigInt(`0x${'7f'.repeat(255)}`)],
    ['a float', 'G?\xf8\x00\x00\x00\x00\x00\x00.', 1.5],
    ['text', 'X\x02\x00\x00\x00\xc3\xa9.', 'é'],
    ['short text', '\x8c\x02\xc3\xa9.', 'é'],
    ['text of Python 2', 'U\x01\xe9.', 'é'],
    ['an empty tuple', ').', []],
    ['a tuple of one', 'K\x01\x85.', [1]],
    ['a tuple of two', 'K\x01K\x02\x86.', [1, 2]],
    ['a tuple of three', 'K\x01K\x02K\x03\x87.', [1, 2, 3]],
    ['a tuple since a mark', '(K\x01K\x02K\x03K\x04t.', [1, 2, 3, 4]],
    ['a list', ']K\x01a(K\x02K\x03e.', list(1, 2, 3)],
    [
      'a dictionary',
      '}K\x01K\x02s(K\x03K\x04K\x05K\x06u.',
      new Map([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
    ],
    ['a value kept and recalled', 'K\x07q\x05h\x05\x86.', [7, 7]],
    ['a value kept under a large index', 'K\x07r\xff\xff\xff\xffj\xff\xff\xff\xff\x86.', [7, 7]],
    ['values kept in turn', 'K\x07\x94K\x08\x94h\x00h\x01(h\x01h\x00t.', [8, 7]],
    ['a framed pickle', '\x80\x04\x95\x02\x00\x00\x00\x00\x00\x00\x00K\x01.', 1],
    ['an OrderedDict by GLOBAL', bytes(global('collections', 'OrderedDict'), ')R.'), new Map()],
    ['an OrderedDict by STACK_GLOBAL', '\x8c\x0bcollections\x8c\x0bOrderedDict\x93)R.', new Map()],
  ])('reads %s', (_, pickle, value) => {
    expect(run(pickle)).toEqual(value);
  });

  it('keeps of the arguments of a script no more than their class', () => {
    const made = run(bytes(global('argparse', 'Namespace'), ')\x81', '}(', text('then'), 'K\x01u', 'b.'));
    expect(made).toEqual(new PickleObject('argparse.Namespace'));
  });

  it('says where the pickle ends', () => {
    expect(unpickle(Buffer.from('xN.rest'), 1, new CheckpointHost()).end).toBe(3);
  });

  it.each([
    ['a command by GLOBAL and REDUCE', 'cposix\nsystem\nX\x02\x00\x00\x00ls\x85R.', /refers to posix\.system/],
    ['a command by STACK_GLOBAL', '\x8c\x05posix\x8c\x06system\x93\x8c\x02ls\x85R.', /refers to posix\.system/],
    ['a command by INST', '(X\x02\x00\x00\x00lsiposix\nsystem\n.', /instruction INST at byte 8/],
    ['a command by OBJ', '(cposix\nsystem\nX\x02\x00\x00\x00lso.', /refers to posix\.system/],
    ['OBJ on a global that is allowed', '(ccollections\nOrderedDict\no.', /instruction OBJ/],
    [
      'NEWOBJ on a global that is called',
      'ccollections\nOrderedDict\n)\x81.',
      /makes an object of collections.OrderedDict/,
    ],
    ['NEWOBJ_EX', 'cargparse\nNamespace\n)}\x92.', /instruction NEWOBJ_EX/],
    ['builtins.eval', 'cbuiltins\neval\n.', /refers to builtins\.eval/],
    ['getattr', '\x8c\x08builtins\x8c\x07getattr\x93.', /refers to builtins\.getattr/],
    [
      'a name with a dot that leads out of an allowed module',
      '\x8c\x0bcollections\x8c\x07abc.sys\x93.',
      /collections\.abc\.sys/,
    ],
    ['names of JavaScript', 'c__proto__\nconstructor\n.', /refers to __proto__\.constructor/],
    ['an extension code', '\x82\x01.', /instruction EXT1/],
    ['an instruction that does not exist', '\xff.', /instruction 0xff at byte 0/],
    ['a name that a terminal would obey', 'cposix\n\x1b[2J\n.', /refers to posix\.\\x1b\[2J/],
    ['a global whose name is no text', 'K\x01K\x02\x93.', /names a global by the number 1 and the number 2/],
    ['a call of a storage class', bytes(global('torch', 'FloatStorage'), ')R.'), /calls torch\.FloatStorage/],
    ['a call of text', bytes(text('eval'), ')R.'), /calls the text "eval" with a tuple/],
    ['a call with a list', bytes(global('collections', 'OrderedDict'), ']R.'), /with a list/],
    ['attributes of a number', 'K\x01}b.', /sets attributes of the number 1/],
    ['an append to a tuple', ')K\x01a.', /appends to a tuple/],
    ['a key of a list', ']K\x01K\x02s.', /sets keys of a list/],
    ['a key that is a tuple', '})K\x01s.', /has a tuple for a key/],
    ['a key without a value', '}(K\x01u.', /a key without a value/],
    ['a value below the mark', 'K\x01(\x85.', /uses a value that does not exist/],
    ['a value below the stack', '.', /uses a value that does not exist/],
    ['values up to no mark', 'K\x01t.', /a mark that does not exist/],
    ['a value never kept', 'h\x01.', /recalls value 1, which it never stored/],
    ['a length beyond the end', 'X\xff\xff\xff\xffabc.', /is truncated at byte 9/],
    ['an argument beyond the end', 'J\x00\x00', /is truncated at byte 3/],
    ['a line that does not end', 'cposix', /is truncated at byte 6/],
    ['no end', 'N', /is truncated at byte 1/],
    ['nothing', '', /is truncated at byte 0/],
  ])('refuses %s', (_, pickle, message) => {
    expect(() => run(pickle)).toThrow(Refusal);
    expect(() => run(pickle)).toThrow(message);
  });

  it('does not call a file damaged for a key that Python takes and weights never have', () => {
    for (const key of [')', '\x88']) {
      expect(() => run(`}${key}K\x01s.`)).toThrow(
        expect.objectContaining({ fix: expect.stringMatching(/save only model\.state_dict\(\)/) as unknown }),
      );
    }
  });

  it('takes a pickle nested as deep as it is long', () => {
    const depth = 200_000;
    let value = run(`)${'\x85'.repeat(depth)}.`);
    for (let i = 0; i < depth; i++) value = (value as unknown[])[0];
    expect(value).toEqual([]);
  });

  it('takes a tuple of tuples of one and the same tuple, which is large only when it is unfolded', () => {
    expect(run(`)${'q\x00h\x00\x86'.repeat(1000)}.`)).toHaveLength(2);
  });

  it('makes one dictionary of a list, not as many as name it, so that a short pickle cannot fill the memory', () => {
    const orderedDict = global('collections', 'OrderedDict');
    const pairs = bytes(text('w'), 'N');
    const first = bytes(orderedDict, '](](', pairs, 'ee\x85q\x00R');
    expect(run(bytes('(', first, orderedDict, 'h\x00Rt.'))).toEqual([new Map([['w', null]]), new Map()]);
  });

  it('refuses more instructions than any network needs', () => {
    expect(() => run(`${'N'.repeat(500_001)}.`)).toThrow(/more than 500000 instructions/);
  });

  it.each(['}', ']'])('refuses more dictionaries and lists than any network needs: %s', (instruction) => {
    expect(() => run(`${instruction.repeat(200_001)}.`)).toThrow(/more than 200000 dictionaries and lists/);
  });

  it('gives a global that may only be passed on as what the host made of it', () => {
    expect(run(bytes(global('torch', 'FloatStorage'), '.'))).toBeInstanceOf(PickleGlobal);
  });
});
