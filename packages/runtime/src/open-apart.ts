import type { InferenceSession } from '#onnxruntime';
import { forkModule } from './fork-module.ts';

/** A session to be opened. */
export interface Opening {
  /** The bytes of an ONNX model, or the path of its file. */
  readonly model: Uint8Array | string;
  readonly options: InferenceSession.SessionOptions;
}

/** How it went. */
export interface Outcome {
  /** Why it could not be opened; absent when it could. */
  readonly failure?: string;
}

const module = new URL(import.meta.url.endsWith('.ts') ? './opening.ts' : './opening.js', import.meta.url);

/**
 * Opens a session in a process of its own and closes it again. `stderr` is what the process wrote there, unless it goes
 * to this process's.
 */
export function openApart(opening: Opening, to: 'keep' | 'show'): Promise<Outcome & { readonly stderr: string }> {
  const child = forkModule(module, { stdio: ['ignore', 'ignore', to === 'keep' ? 'pipe' : 'inherit', 'ipc'] });
  let stderr = '';
  let outcome: Outcome | undefined;
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once('message', (message: Outcome) => (outcome = message));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const ended = `the driver ended the process (${signal ?? `exit code ${code ?? 'unknown'}`})`;
      resolve({ ...(outcome ?? { failure: ended }), stderr });
    });
    child.send(opening);
  });
}
