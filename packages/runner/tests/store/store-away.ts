// A process for store-away.test.ts, with failing-fs.mjs loaded first: asks a store whose server is away for a while, or for good, and prints
// what came of it as JSON.
import { FileStore } from '../../src/store/store.ts';
import { temporaryFolder } from '../fixtures/tiny.ts';

interface Fault {
  readonly op: string;
  readonly n: number;
  readonly code: string;
  /** All calls from the n-th on. */
  readonly from?: boolean;
}

const shim = (globalThis as unknown as Record<symbol, { arm: (fault: object) => void; disarm: () => void }>)[
  Symbol.for('farout.failing-fs')
]!;
const folder = await temporaryFolder();
const store = new FileStore(folder, [1, 2]);
await store.write('entry', Buffer.from('what was written'));

async function under(fault: Fault, ask: () => Promise<unknown>): Promise<unknown> {
  shim.arm({ roots: [folder], ...fault });
  try {
    return (await ask()) ?? 'absent';
  } catch (error) {
    return (error as { code: string }).code;
  } finally {
    shim.disarm();
  }
}

const read = async () => Buffer.from((await store.read('entry')) ?? 'absent').toString();
const stretch = async () => Buffer.from((await store.readRange('entry', 5, 3)) ?? 'absent').toString();
const write = (key: string) => async () => {
  await store.write(key, Buffer.from('x'));
  return 'written';
};

const found = {
  'replaced elsewhere while it was read': await under({ op: 'read', n: 1, code: 'ESTALE' }, read),
  'the same of a stretch': await under({ op: 'open', n: 1, code: 'ESTALE' }, stretch),
  'stale for good': await under({ op: 'read', n: 1, code: 'ESTALE', from: true }, read),
  'away for a moment': await under({ op: 'read', n: 1, code: 'ETIMEDOUT' }, read),
  'away while it is written': await under({ op: 'rename', n: 1, code: 'EHOSTDOWN' }, write('another')),
  'away for good': await under({ op: 'read', n: 1, code: 'ETIMEDOUT', from: true }, read),
  'a fault that waiting does not mend': await under({ op: 'read', n: 1, code: 'EIO' }, read),
};
process.stdout.write(JSON.stringify(found));
