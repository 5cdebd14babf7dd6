import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));

describe('onnxruntime', () => {
  it('keeps no identifier of the machine when a session is opened, so that it has none to report', () => {
    const home = mkdtempSync(path.join(tmpdir(), 'farout-home-'));
    // Where it believes to be tested, onnxruntime is silent by itself.
    const ours = { HOME: home, CI: undefined, XDG_CACHE_HOME: undefined, ORT_DISABLE_TELEMETRY: undefined };
    const words = ['--import', pathOf('../../../tools/ts.mjs'), pathOf('parts/open-one-session.ts')];
    const { status, stdout, stderr } = spawnSync(process.execPath, words, {
      env: { ...process.env, ...ours },
      encoding: 'utf8',
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '3', stderr: '' });
    // The compiler of the sources has a cache there.
    const files = readdirSync(home, { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => /onnxruntime|Microsoft/.test(file))).toEqual([]);
  });
});
