import path from 'node:path';
import { printable } from '@farout/core';
import { htmlReporter } from '@farout/report';
import open from 'open';

/** Opens the report of a run in the user's browser and goes on without it. */
export async function openReport(folder: string): Promise<void> {
  const browser = await open(path.join(folder, htmlReporter.file));
  browser.once('error', ({ message }) => process.stderr.write(`No browser could be opened: ${printable(message)}\n`));
}
