import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Table from 'cli-table3';
import { referenceData } from '../reference-data.ts';
import { browser } from './browser.ts';
import { calibrated } from './calibrated.ts';
import { catalogue } from './catalogue.ts';
import type { Check } from './check.ts';
import { choice } from './choice.ts';
import { inChromium } from './chromium.ts';
import { classifiers } from './classifiers.ts';
import { conformal } from './conformal.ts';
import { drift } from './drift.ts';
import type { Workplace } from './end-to-end.ts';
import { everything } from './everything.ts';
import { exported } from './exported.ts';
import { intervals } from './intervals.ts';
import { models } from './models.ts';
import { parts } from './parts.ts';
import { pixels } from './pixels.ts';

/** The comparisons that need no network of the reference data. */
const alone: Readonly<Record<string, (place: Workplace) => Check[] | Promise<Check[]>>> = {
  pixels: ({ data }) => pixels(data),
  classifiers: ({ folder }) => classifiers(folder),
  catalogue: ({ data, folder }) => catalogue(data, folder),
  everything,
  exported,
  chromium: inChromium,
  browser,
  intervals,
  conformal,
  drift,
  calibrated,
  choice,
};
const names = [...Object.keys(alone), ...Object.keys(parts)];

async function compare(data: string, chosen: readonly string[]): Promise<Check[]> {
  const checks = await inFolder(chosen, alone, (part, folder) => part({ data, folder }));
  for (const model of models) {
    checks.push(...(await inFolder(chosen, parts, (part, folder) => part(model, { data, folder }))));
  }
  return checks;
}

/** Runs the chosen parts one after another, in a shared temporary folder. */
async function inFolder<Part>(
  chosen: readonly string[],
  all: Readonly<Record<string, Part>>,
  checksOf: (part: Part, folder: string) => Check[] | Promise<Check[]>,
): Promise<Check[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'farout-fidelity-'));
  const checks: Check[] = [];
  try {
    for (const [name, part] of Object.entries(all)) {
      if (chosen.includes(name)) checks.push(...(await checksOf(part, folder)));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return checks;
}

function table(checks: readonly Check[]): string {
  const drawn = new Table({ head: ['comparison', 'measured', 'bound', ''], style: { head: [], border: [] } });
  for (const { what, seen, asked, holds } of checks) drawn.push([what, seen, asked, holds ? 'pass' : 'FAIL']);
  return drawn.toString();
}

const words = process.argv.slice(2).filter((word) => word !== '--write');
const unknown = words.filter((word) => !names.includes(word));
if (unknown.length > 0) {
  console.error(`Unknown comparison "${unknown.join('", "')}". Available: ${names.join(', ')}.`);
  process.exitCode = 2;
} else if (referenceData) {
  const checks = await compare(referenceData, words.length > 0 ? words : names);
  if (checks.length > 0) console.log(table(checks));
  process.exitCode = checks.every(({ holds }) => holds) ? 0 : 1;
} else {
  console.log('Skipped: the reference data is missing. Set FAROUT_DATA to its folder (models/, images/, golden/).');
}
