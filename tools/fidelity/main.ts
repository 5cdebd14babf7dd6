import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Table from 'cli-table3';
import { referenceData } from '../reference-data.ts';
import type { Check } from './check.ts';
import { endToEnd, secondRun } from './end-to-end.ts';
import { features } from './features.ts';
import { gradient, gradientThroughReact } from './gradient.ts';
import { killed } from './killed.ts';
import { metrics } from './metrics.ts';
import { models } from './models.ts';
import { odin } from './odin.ts';
import { pixels } from './pixels.ts';

/** The run that is killed is MobileNet-v2's: it is the fast one, so that ten times fit into minutes. */
async function compare(data: string): Promise<Check[]> {
  const checks = await pixels(data);
  for (const model of models) {
    const folder = await mkdtemp(path.join(tmpdir(), 'oodkit-fidelity-'));
    try {
      const place = { data, folder };
      checks.push(...(await features(data, model)), ...metrics(data, model));
      checks.push(...(await gradient(data, model)), ...(await gradientThroughReact(data, model)));
      checks.push(...(await endToEnd(model, place)));
      checks.push(...(await secondRun(model, place)), ...(await odin(model, place)));
      if (model.name === 'mobilenet-v2') checks.push(...(await killed(model, place)));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return checks;
}

function table(checks: readonly Check[]): string {
  const drawn = new Table({ head: ['comparison', 'seen', 'asked', ''], style: { head: [], border: [] } });
  for (const { what, seen, asked, holds } of checks) drawn.push([what, seen, asked, holds ? 'holds' : 'FALLS SHORT']);
  return drawn.toString();
}

if (referenceData) {
  const checks = await compare(referenceData);
  console.log(table(checks));
  process.exitCode = checks.every(({ holds }) => holds) ? 0 : 1;
} else {
  console.log('Skipped: the reference data is absent. OODKIT_DATA names its folder (models/, images/, golden/).');
}
