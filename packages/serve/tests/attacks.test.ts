import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serve, type Service } from '../src/index.ts';
import { attacks, light, type Target } from './attacks.ts';
import { writeDetector } from './detector-file.ts';
import { plain } from './images.ts';
import { ask } from './requests.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'farout-attacks-'));
let service: Service;
let target: Target;

beforeAll(async () => {
  service = await serve({ model: writeDetector(folder), port: 0, workers: 1 });
  target = { port: Number(new URL(service.address).port), model: 'brightness', workers: () => service.workers() };
}, 120_000);
afterAll(async () => {
  await service.close();
  rmSync(folder, { recursive: true });
}, 120_000);

const isReady = async () => (await ask(target.port, { method: 'GET', path: '/readyz' })).status === 200;

describe('a service under attack', () => {
  it.each(attacks.map((attack) => [attack.name, attack] as const))(
    'answers as documented, and judges the next image: %s',
    async (_, attack) => {
      const statuses = await attack.run(target, light);
      expect(statuses.filter((status) => !attack.allowed.includes(status))).toEqual([]);
      expect((await ask(target.port, { method: 'GET', path: '/healthz' })).status).toBe(200);
      // Killed workers are started again, which takes as long as the machine needs for it.
      while (!(await isReady())) await wait(100);
      const body = plain(8, 8, [150, 150, 150]);
      const next = await ask(target.port, { body, headers: { 'content-type': 'image/png' } });
      expect([next.status, JSON.parse(next.text)]).toEqual([200, expect.objectContaining({ score: 150 })]);
    },
    120_000,
  );

  it('are twenty-four, and docs/serve.md has a line of each', () => {
    const text = readFileSync(new URL('../../../docs/serve.md', import.meta.url), 'utf8');
    const rows = attacks.map(({ name, allowed }) => `| ${name} | ${allowed.filter((status) => status > 0).join(', ')}`);
    expect(attacks).toHaveLength(24);
    expect(rows.filter((row) => !text.includes(row.trimEnd()))).toEqual([]);
  });
});
