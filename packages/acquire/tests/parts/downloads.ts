import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FaroutError } from '@farout/core';
import { download, type Downloaded, type DownloadOptions, type FileSource } from '@farout/acquire';
import { quick } from './quick.ts';
import { startServer, type Handler, type TestServer } from './server.ts';

const ends: (() => unknown)[] = [];

/** Ends the servers and removes the folders of a test. Test files share this module: each of them says `afterEach(endAll)` itself. */
export async function endAll(): Promise<void> {
  for (const end of ends.splice(0)) await end();
}

/** Does so when the test has ended. */
export const endWithTest = (end: () => unknown): void => void ends.push(end);

/** A folder that goes after the test. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'farout-acquire-')));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A server that ends with the test. */
export async function server(handler: Handler, options?: { readonly tls?: boolean }): Promise<TestServer> {
  const started = await startServer(handler, options);
  ends.push(started.close);
  return started;
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What came of a download: the file's bytes, or the error; what was said; and what lies in the folder. */
export interface Outcome {
  readonly bytes?: Buffer;
  readonly downloaded?: Downloaded;
  readonly error?: FaroutError;
  readonly said: readonly string[];
  readonly files: readonly string[];
}

/** Loads `file.bin` into a folder. */
export async function load(
  source: Omit<FileSource, 'name'>,
  { folder = temporaryFolder(), ...options }: Partial<DownloadOptions> & { readonly folder?: string } = {},
): Promise<Outcome> {
  const said: string[] = [];
  const say = (sentence: string) => void said.push(sentence);
  const target = path.join(folder, 'file.bin');
  const shared = { env: {}, signal: new AbortController().signal, logger: { info: say, warn: say }, ...quick };
  try {
    const downloaded = await download({ name: 'file.bin', ...source }, target, { ...shared, ...options });
    return { downloaded, bytes: readFileSync(target), said, files: readdirSync(folder) };
  } catch (error) {
    if (!(error instanceof FaroutError)) throw error;
    return { error, said, files: readdirSync(folder) };
  }
}
