import { Refusal } from '../files.ts';
import { PickleBytes, type PickleSource } from './bytes.ts';
import { PickledBytes, PickleList, PickleMachine, PickleObject, type PickleHost } from './machine.ts';

/** A state_dict of 15,000 tensors has about this many instructions; without a limit, each byte could take 100 bytes of memory. */
const mostInstructions = 500_000;

/**
 * Reads the value that a pickle describes, and where its bytes end. No code in it is executed: its instructions either move values, name
 * and call something on the host's allow-list, or are rejected by name.
 *
 * @throws Refusal for any other instruction, and for a damaged pickle.
 */
export function unpickle(
  bytes: Uint8Array | PickleSource,
  start: number,
  host: PickleHost,
): { value: unknown; end: number } {
  const reader = new PickleBytes(bytes, start);
  const machine = new PickleMachine(reader, host);
  for (let count = 0; count < mostInstructions; count++) {
    const code = reader.uint8();
    const opcode = opcodes.get(String.fromCharCode(code));
    if (opcode?.name === 'STOP') return { value: machine.pop(), end: reader.position };
    const step = (host.takesBytes ? opcode?.ofBytes : undefined) ?? opcode?.step;
    if (!step) throw refusedOpcode(opcode?.name ?? `0x${code.toString(16)}`, reader.position - 1);
    step(machine);
  }
  throw new Refusal(`the pickle has more than ${mostInstructions} instructions`);
}

const refusedOpcode = (name: string, position: number) =>
  new Refusal(
    `the pickle has the instruction ${name} at byte ${position}, which checkpoints do not need`,
    'Get the weights from a source that you trust, saved with torch.save(model.state_dict(), path).',
  );

/** An instruction of a pickle. Those without a step are listed only to be rejected by name. */
interface Opcode {
  readonly name: string;
  readonly step?: (machine: PickleMachine) => void;
  /** The step used instead if the host accepts byte strings. */
  readonly ofBytes?: (machine: PickleMachine) => void;
}

/**
 * Every instruction of pickle protocols 0 to 5 (CPython, Lib/pickletools.py), by its byte as a character. Only those have a step that
 * torch.save uses for weights and for what training scripts save with them, with Python 2 and 3, in protocols 2 to 5. STOP has none: it
 * ends the loop.
 */
const opcodes: ReadonlyMap<string, Opcode> = new Map<string, Opcode>([
  ['\x80', { name: 'PROTO', step: (m) => m.bytes.skip(1) }],
  ['\x95', { name: 'FRAME', step: (m) => m.bytes.skip(8) }],
  ['.', { name: 'STOP' }],

  ['N', { name: 'NONE', step: (m) => m.push(null) }],
  ['\x88', { name: 'NEWTRUE', step: (m) => m.push(true) }],
  ['\x89', { name: 'NEWFALSE', step: (m) => m.push(false) }],
  ['J', { name: 'BININT', step: (m) => m.push(m.bytes.int32()) }],
  ['K', { name: 'BININT1', step: (m) => m.push(m.bytes.uint8()) }],
  ['M', { name: 'BININT2', step: (m) => m.push(m.bytes.uint16()) }],
  ['\x8a', { name: 'LONG1', step: (m) => m.push(m.bytes.integer(m.bytes.uint8())) }],
  ['G', { name: 'BINFLOAT', step: (m) => m.push(m.bytes.float64()) }],
  ['U', { name: 'SHORT_BINSTRING', step: (m) => m.push(m.bytes.text(m.bytes.uint8(), 'latin1')) }],
  ['X', { name: 'BINUNICODE', step: (m) => m.push(m.bytes.text(m.bytes.uint32(), 'utf8')) }],
  ['C', { name: 'SHORT_BINBYTES', step: skipBytes, ofBytes: (m) => m.push(m.bytes.text(m.bytes.uint8(), 'latin1')) }],
  ['\x8c', { name: 'SHORT_BINUNICODE', step: (m) => m.push(m.bytes.text(m.bytes.uint8(), 'utf8')) }],

  ['(', { name: 'MARK', step: (m) => m.mark() }],
  [')', { name: 'EMPTY_TUPLE', step: (m) => m.push([]) }],
  ['t', { name: 'TUPLE', step: (m) => m.push(m.popToMark()) }],
  ['\x85', { name: 'TUPLE1', step: (m) => m.tuple(1) }],
  ['\x86', { name: 'TUPLE2', step: (m) => m.tuple(2) }],
  ['\x87', { name: 'TUPLE3', step: (m) => m.tuple(3) }],
  [']', { name: 'EMPTY_LIST', step: (m) => m.pushContainer(new PickleList()) }],
  ['a', { name: 'APPEND', step: (m) => m.append([m.pop()]) }],
  ['e', { name: 'APPENDS', step: (m) => m.append(m.popToMark()) }],
  ['}', { name: 'EMPTY_DICT', step: (m) => m.pushContainer(new Map()) }],
  ['s', { name: 'SETITEM', step: (m) => m.setItems([m.pop(), m.pop()].reverse()) }],
  ['u', { name: 'SETITEMS', step: (m) => m.setItems(m.popToMark()) }],

  ['q', { name: 'BINPUT', step: (m) => m.remember(m.bytes.uint8()) }],
  ['r', { name: 'LONG_BINPUT', step: (m) => m.remember(m.bytes.uint32()) }],
  ['\x94', { name: 'MEMOIZE', step: (m) => m.remember() }],
  ['h', { name: 'BINGET', step: (m) => m.recall(m.bytes.uint8()) }],
  ['j', { name: 'LONG_BINGET', step: (m) => m.recall(m.bytes.uint32()) }],

  ['c', { name: 'GLOBAL', step: (m) => m.global(m.bytes.line(), m.bytes.line()) }],
  ['\x93', { name: 'STACK_GLOBAL', step: (m) => stackGlobal(m) }],
  ['R', { name: 'REDUCE', step: (m) => m.reduce() }],
  ['\x81', { name: 'NEWOBJ', step: (m) => m.newObject() }],
  ['b', { name: 'BUILD', step: (m) => m.setAttributes() }],
  ['Q', { name: 'BINPERSID', step: (m) => m.persistent() }],

  ['0', { name: 'POP' }],
  ['1', { name: 'POP_MARK' }],
  ['2', { name: 'DUP' }],
  ['F', { name: 'FLOAT' }],
  ['I', { name: 'INT' }],
  ['L', { name: 'LONG' }],
  ['\x8b', { name: 'LONG4' }],
  ['S', { name: 'STRING' }],
  ['T', { name: 'BINSTRING', ofBytes: (m) => noteBytes(m, m.bytes.uint32()) }],
  ['V', { name: 'UNICODE' }],
  ['\x8d', { name: 'BINUNICODE8' }],
  ['B', { name: 'BINBYTES', ofBytes: (m) => noteBytes(m, m.bytes.uint32()) }],
  ['\x8e', { name: 'BINBYTES8', ofBytes: (m) => noteBytes(m, m.bytes.uint64()) }],
  ['\x96', { name: 'BYTEARRAY8', ofBytes: (m) => noteBytes(m, m.bytes.uint64()) }],
  ['\x97', { name: 'NEXT_BUFFER' }],
  ['\x98', { name: 'READONLY_BUFFER' }],
  ['l', { name: 'LIST' }],
  ['d', { name: 'DICT' }],
  ['\x8f', { name: 'EMPTY_SET' }],
  ['\x90', { name: 'ADDITEMS' }],
  ['\x91', { name: 'FROZENSET' }],
  ['p', { name: 'PUT' }],
  ['g', { name: 'GET' }],
  ['P', { name: 'PERSID' }],
  ['i', { name: 'INST' }],
  ['o', { name: 'OBJ' }],
  ['\x92', { name: 'NEWOBJ_EX' }],
  ['\x82', { name: 'EXT1' }],
  ['\x83', { name: 'EXT2' }],
  ['\x84', { name: 'EXT4' }],
]);

function stackGlobal(machine: PickleMachine): void {
  const name = machine.pop();
  machine.global(machine.pop(), name);
}

/** Weights do not use bytes in a pickle, but numpy's scalars do. */
function skipBytes(machine: PickleMachine): void {
  machine.bytes.skip(machine.bytes.uint8());
  machine.push(new PickleObject('bytes'));
}

function noteBytes(machine: PickleMachine, length: number): void {
  const start = machine.bytes.position;
  machine.bytes.skip(length);
  machine.push(new PickledBytes(start, length));
}
