// Decodes a small picture and then each file named; prints the verdicts and how far the peak of the memory rose, in MB.
import { readFileSync } from 'node:fs';
import { decode } from '../../src/decode.ts';

const [, , small, ...files] = process.argv;
await decode(readFileSync(small!));
for (const file of files) {
  const bytes = readFileSync(file);
  const before = process.resourceUsage().maxRSS;
  const verdict = await decode(bytes).then(
    ({ width, height }) => `${width} × ${height}`,
    (error: unknown) => (error as Error).message,
  );
  console.log(JSON.stringify({ verdict, rise: (process.resourceUsage().maxRSS - before) / 1024 }));
}
