/**
 * What a plugin's promise comes to, unless a signal comes first. A promise that waits for what nothing is left to bring about
 * fails: Node would end the process in the middle, without a word.
 *
 * @throws what the promise rejects with; the signal's reason; an Error when the event loop has run out of work.
 */
export function settled<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal!.reason as Error);
    const runOut = () => reject(new Error('it never ends: it waits for something that nothing is left to bring about'));
    const forget = () => {
      process.off('beforeExit', runOut);
      signal?.removeEventListener('abort', stop);
    };
    process.once('beforeExit', runOut);
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    work.finally(forget).then(resolve, reject);
  });
}
