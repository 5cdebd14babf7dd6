import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Table from 'cli-table3';
import { referenceData } from '../reference-data.ts';
import type { Check } from './check.ts';
import { models, type Model } from './models.ts';
import { parts } from './parts.ts';
import { pixels } from './pixels.ts';

const pixelsPart = 'pixels';
const names = [pixelsPart, ...Object.keys(parts)];

async function compare(data: string, chosen: readonly string[]): Promise<Check[]> {
  const checks = chosen.includes(pixelsPart) ? await pixels(data) : [];
  for (const model of models) checks.push(...(await compareNetwork(data, model, chosen)));
  return checks;
}

async function compareNetwork(data: string, model: Model, chosen: readonly string[]): Promise<Check[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'oodkit-fidelity-'));
  const checks: Check[] = [];
  try {
    for (const [name, part] of Object.entries(parts)) {
      if (chosen.includes(name)) checks.push(...(await part(model, { data, folder })));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return checks;
}

function table(checks: readonly Check[]): string {
  const drawn = new Table({ head: ['comparison', 'seen', 'asked', ''], style: { head: [], border: [] } });
  for (const { what, seen, asked, holds } of checks) drawn.push([what, seen, asked, holds ? 'holds' : 'FALLS SHORT']);
  return drawn.toString();
}

const words = process.argv.slice(2);
const unknown = words.filter((word) => !names.includes(word));
if (unknown.length > 0) {
  console.error(`There is no comparison "${unknown.join('", "')}". Those here: ${names.join(', ')}.`);
  process.exitCode = 2;
} else if (referenceData) {
  const checks = await compare(referenceData, words.length > 0 ? words : names);
  if (checks.length > 0) console.log(table(checks));
  process.exitCode = checks.every(({ holds }) => holds) ? 0 : 1;
} else {
  console.log('Skipped: the reference data is absent. OODKIT_DATA names its folder (models/, images/, golden/).');
}
