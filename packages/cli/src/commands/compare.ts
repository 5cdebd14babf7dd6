import path from 'node:path';
import { compareRuns, readResults, readScores } from '@farout/report';
import { exitCodes } from '../command.ts';
import { userFolder } from '../invocation.ts';
import { showsColour } from '../progress.ts';

/** Arguments of `farout compare`. */
interface CompareRequest {
  readonly runs: readonly string[];
}

/** `farout compare`: prints runs side by side, each named by its folder as the user wrote it. */
export async function compare({ runs }: CompareRequest): Promise<number> {
  const named = await Promise.all(
    [...new Set(runs)].map(async (name) => {
      const folder = path.resolve(userFolder(), name);
      return { name, results: await readResults(folder), ...(await readScores(folder)) };
    }),
  );
  process.stdout.write(
    compareRuns(named, { colour: showsColour(process.stdout), width: process.stdout.columns || 100 }),
  );
  return exitCodes.done;
}
