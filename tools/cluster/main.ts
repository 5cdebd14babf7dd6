import { readdirSync } from 'node:fs';
import { lack, type Needs } from './needs.ts';

/**
 * A part is a file in this folder that exports a function named like the file. It logs what it does, and throws if a check fails. It may export its
 * requirements on Debian packages as `needs`.
 */
interface Part {
  readonly name: string;
  readonly run: () => Promise<void>;
  readonly needs: Needs | undefined;
}

async function findParts(): Promise<Part[]> {
  const files = readdirSync(new URL('.', import.meta.url)).filter((file) => file.endsWith('.ts') && file !== 'main.ts');
  const parts: Part[] = [];
  for (const file of files.sort()) {
    const name = file.slice(0, -3);
    const { [name]: run, needs } = (await import(new URL(file, import.meta.url).href)) as Record<string, unknown>;
    if (typeof run === 'function') parts.push({ name, run: run as Part['run'], needs: needs as Needs | undefined });
  }
  return parts;
}

/** Whether all checks of a part pass, or the part cannot be run here. */
async function holds({ name, run, needs }: Part): Promise<boolean> {
  const sentence = needs && lack(needs);
  if (sentence !== undefined) {
    console.log(`${name}: skipped, ${sentence}`);
    return true;
  }
  const begin = performance.now();
  try {
    await run();
    console.log(`${name}: all checks passed (${((performance.now() - begin) / 1000).toFixed(0)} s)`);
    return true;
  } catch (error) {
    console.error(`${name}: FAILED`, error);
    return false;
  }
}

const parts = await findParts();
const words = process.argv.slice(2);
const unknown = words.filter((word) => !parts.some(({ name }) => name === word));
if (unknown.length > 0) {
  console.error(`Unknown part "${unknown.join('", "')}". Available: ${parts.map(({ name }) => name).join(', ')}.`);
  process.exitCode = 2;
} else {
  // All at once: most of their time they wait, for a lost node or a server that is gone.
  const chosen = parts.filter(({ name }) => words.length === 0 || words.includes(name));
  const all = await Promise.all(chosen.map(holds));
  process.exitCode = all.every((each) => each) ? 0 : 1;
}
