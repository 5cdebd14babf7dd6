import { setTimeout } from 'node:timers/promises';

const signals = ['SIGINT', 'SIGTERM'] as const;

/**
 * npm forwards a signal that the terminal has already sent to both processes: a repetition within this time, in
 * milliseconds, is the same signal.
 */
const echo = 250;

/**
 * Lets work end in an orderly way when the process is told to stop. The first signal calls `announce` and aborts the
 * work's signal. Once the work has ended, the process ends by the original signal, so that its caller sees what
 * stopped it. A second signal ends it at once.
 */
export async function untilSignal<T>(work: (signal: AbortSignal) => Promise<T>, announce: () => void): Promise<T> {
  const controller = new AbortController();
  let stopped: { by: NodeJS.Signals; at: number } | undefined;
  const listen = (by: NodeJS.Signals) => {
    if (!stopped) {
      stopped = { by, at: Date.now() };
      announce();
      controller.abort();
    } else if (Date.now() - stopped.at >= echo) {
      endBy(by);
    }
  };
  const stopListening = () => {
    for (const name of signals) process.off(name, listen);
  };
  const endBy = (signal: NodeJS.Signals) => {
    stopListening();
    process.kill(process.pid, signal);
  };
  for (const name of signals) process.on(name, listen);
  try {
    return await work(controller.signal);
  } finally {
    if (stopped) {
      endBy(stopped.by);
      // The signal is delivered by the kernel; what follows must not happen before it arrives.
      await setTimeout(1000);
    }
    stopListening();
  }
}
