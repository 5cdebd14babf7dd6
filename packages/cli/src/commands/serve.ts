import path from 'node:path';
import { serve as startService, type LogEvent } from '@farout/serve';
import { exitCodes } from '../command.ts';
import { badCommand } from '../errors.ts';
import { printableJson } from '../events.ts';
import { userFolder } from '../invocation.ts';
import { untilSignal } from '../until-signal.ts';

/** Arguments of `farout serve`. */
interface ServeOptions {
  readonly model: string;
  readonly host?: string | undefined;
  readonly port: number;
  readonly 'allow-host': readonly string[];
  readonly workers?: number | undefined;
  readonly 'max-pixels': number;
}

/** `farout serve`: answers over HTTP until a signal stops it, and then ends by that signal. */
export async function serve(options: ServeOptions): Promise<number> {
  const { model, host, workers } = options;
  const service = await startService({
    model: path.resolve(userFolder(), model),
    ...(host !== undefined && { host }),
    port: whole('port', options.port, 0, 65_535),
    allowHosts: options['allow-host'].map(hostName),
    maxPixels: whole('max-pixels', options['max-pixels'], 1, 178_956_970),
    ...(workers !== undefined && { workers: whole('workers', workers, 1, 256) }),
    log: tell,
  });
  process.stdout.write(
    `${service.address} scores images: curl --data-binary @photo.jpg -H 'Content-Type: image/jpeg' ${service.address}/score\n`,
  );
  return untilSignal(
    async (signal) => {
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      await service.close();
      return exitCodes.done;
    },
    () => undefined,
  );
}

/** Writes a line of JSON to stderr, without control characters for terminals. */
const tell = (event: LogEvent) =>
  void process.stderr.write(`${printableJson(JSON.stringify({ time: new Date().toISOString(), ...event }))}\n`);

function whole(option: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw badCommand(`--${option} is ${value}`, undefined, `Give a whole number from ${least} to ${most}.`);
}

function hostName(name: string): string {
  if (/^(?:[\w.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.test(name)) return name;
  throw badCommand(
    `--allow-host is "${name}"`,
    undefined,
    'Give a name as in the Host header, such as ood.example.org.',
  );
}
