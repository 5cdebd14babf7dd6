// Pulls everything in a folder as a process of its own: `<folder>`. Says on stdout when it begins and how it ended.
// Loaded before it begins, so that moments after it lie in the download.
import 'undici';
import { manifestsAround, pull } from '@farout/acquire';
import { quick } from './quick.ts';

const say = (sentence: string) => process.stdout.write(`${sentence}\n`);
const manifests = await manifestsAround(process.argv[2] ?? '');
const progress = { start: () => undefined, advance: () => undefined, stop: () => undefined };
say('begins');
const logger = { info: say, warn: say };
await pull([...manifests.values()], { env: {}, signal: new AbortController().signal, logger, progress, ...quick });
say('done');
