import { planLines, planPull } from '@farout/acquire';
import { FaroutErrors } from '@farout/core';
import { exitCodes } from '../command.ts';
import { displayOn, loggerOn, showsColour, silentDisplay } from '../progress.ts';
import { asking, manifestsOf, pullFor } from '../pulling.ts';
import { untilSignal } from '../until-signal.ts';

/** Arguments of `farout pull`. */
interface PullRequest {
  readonly what: string[];
  readonly set: string[];
  readonly plugin: string[];
  readonly 'dry-run': boolean;
  readonly offline: boolean;
  readonly quiet: boolean;
}

const stopping = 'Stopping: downloads are kept, and the same command continues from there.';

/** `farout pull`: gets datasets and weights, or prints what it would get. */
export async function pull({ what, set, plugin, 'dry-run': dryRun, offline, quiet }: PullRequest): Promise<number> {
  if (dryRun) {
    const { manifests, left } = await manifestsOf(what, { set, plugin });
    process.stdout.write(`${planLines(await planPull(manifests)).join('\n')}\n`);
    FaroutErrors.throwIfAny(left);
    return exitCodes.done;
  }
  const display = quiet ? silentDisplay : displayOn(process.stderr);
  const logger = loggerOn(display, showsColour(process.stderr));
  const done = await untilSignal(
    (signal) => asking({ offline }, () => pullFor(what, { set, plugin, signal, logger, progress: display })),
    () => display.print(stopping),
  );
  if (done.length === 0) logger.info('Nothing to download: everything is already here.');
  return exitCodes.done;
}
