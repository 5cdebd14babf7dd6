import { planLines, planPull } from '@farout/acquire';
import { FaroutErrors } from '@farout/core';
import { exitCodes } from '../command.ts';
import { displayOn, loggerOn, showsColour, silentDisplay } from '../progress.ts';
import { manifestsOf, pullFor } from '../pulling.ts';
import { untilSignal } from '../until-signal.ts';

/** What the command line gives to `farout pull`. */
interface PullRequest {
  readonly what: string[];
  readonly set: string[];
  readonly 'dry-run': boolean;
  readonly quiet: boolean;
}

const stopping = 'Stopping: what is loaded stays, and the same command goes on from there.';

/** `farout pull`: gets datasets and weights, or says what it would get. */
export async function pull({ what, set, 'dry-run': dryRun, quiet }: PullRequest): Promise<number> {
  if (dryRun) {
    const { manifests, left } = await manifestsOf(what, set);
    process.stdout.write(`${planLines(await planPull(manifests)).join('\n')}\n`);
    FaroutErrors.throwIfAny(left);
    return exitCodes.done;
  }
  const display = quiet ? silentDisplay : displayOn(process.stderr);
  const logger = loggerOn(display, showsColour(process.stderr));
  const done = await untilSignal(
    (signal) => pullFor(what, { set, signal, logger, progress: display }),
    () => display.print(stopping),
  );
  if (done.length === 0) logger.info('Everything is there already.');
  return exitCodes.done;
}
