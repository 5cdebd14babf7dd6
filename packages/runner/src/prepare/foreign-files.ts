import { openSession, type Session } from '@farout/runtime';
import { orRefuse } from './trials.ts';

/**
 * ONNX files as onnxruntime alone runs them, each in a process of its own. A file is opened once, whoever asks for it: opening a
 * large one takes longer than running it.
 */
export class ForeignFiles {
  readonly #sessions = new Map<string, Promise<Session>>();

  /** @throws FaroutError OOD_ONNX_REFUSED when onnxruntime does not open it, or crashes. */
  open(file: string): Promise<Session> {
    const session = this.#sessions.get(file) ?? open(file);
    this.#sessions.set(file, session);
    return session;
  }

  /** Ends the processes. */
  async close(): Promise<void> {
    const sessions = await Promise.allSettled(this.#sessions.values());
    this.#sessions.clear();
    for (const session of sessions) if (session.status === 'fulfilled') await session.value.release();
  }
}

const open = (file: string): Promise<Session> =>
  orRefuse('onnxruntime does not open it', () => openSession(file, { threads: 1, apart: true }));
