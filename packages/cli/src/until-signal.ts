import { setTimeout } from 'node:timers/promises';

const signals = ['SIGINT', 'SIGTERM'] as const;

/**
 * npm passes on a signal that the terminal has sent to both: what comes again so soon, in milliseconds, is the same.
 */
const echo = 250;

/**
 * Lets work end in order when the process is told to stop: the first signal aborts the work's signal and is said by
 * `announce`; once the work has ended, the process ends by the signal itself, so that its caller sees what stopped it.
 * The second signal ends it at once.
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
      // The signal comes through the kernel; what follows must not overtake it.
      await setTimeout(1000);
    }
    stopListening();
  }
}
