import { Refusal } from '../refusal.ts';
import { PickleMachine, type PickleHost } from './machine.ts';
import { opcodes } from './opcodes.ts';
import { PickleBytes } from './pickle-bytes.ts';

/** A state_dict of 15,000 tensors has about as many instructions; without a limit, one byte each may take 100 of memory. */
const mostInstructions = 500_000;

/**
 * The value that a pickle describes, and where its bytes end. Nothing in it is executed: its instructions either move
 * values about, name and call something on the host's allow-list, or are refused by name.
 *
 * @throws Refusal for anything else, and for a damaged pickle.
 */
export function unpickle(bytes: Uint8Array, start: number, host: PickleHost): { value: unknown; end: number } {
  const reader = new PickleBytes(bytes, start);
  const machine = new PickleMachine(reader, host);
  for (let count = 0; count < mostInstructions; count++) {
    const code = reader.uint8();
    const opcode = opcodes.get(String.fromCharCode(code));
    if (opcode?.name === 'STOP') return { value: machine.pop(), end: reader.position };
    if (!opcode?.step) throw refusedOpcode(opcode?.name ?? `0x${code.toString(16)}`, reader.position - 1);
    opcode.step(machine);
  }
  throw new Refusal(`the pickle has more than ${mostInstructions} instructions`);
}

const refusedOpcode = (name: string, position: number) =>
  new Refusal(
    `the pickle has the instruction ${name} at byte ${position}, which no checkpoint needs`,
    'Take the weights from a source that you trust, as torch.save(model.state_dict(), path) writes them.',
  );
