// Reads each of the files named, and writes a line for it: what came of it, and the most memory that was in use until then.
import { existsSync, readFileSync } from 'node:fs';
import { readCheckpoint } from '@farout/checkpoints';

const outcome = async (file: string) => {
  try {
    return { read: [...(await readCheckpoint(file)).keys()] };
  } catch (error) {
    const { name, code, message } = error as Error & { code?: unknown };
    return { name, code, message };
  }
};

/** Linux's own count. That of resourceUsage begins with the memory of the process that started this one. */
function peakMegabytes(): number | undefined {
  const status = '/proc/self/status';
  return existsSync(status) ? Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(status, 'utf8'))![1]) / 1024 : undefined;
}

for (const file of process.argv.slice(2)) {
  const came = await outcome(file);
  console.log(JSON.stringify({ file, ...came, peakMegabytes: peakMegabytes() }));
}
