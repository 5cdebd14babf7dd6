// Loads a file as a process of its own: `<address> <target> [sha256]`. Says on stdout when it begins and how it ended.
// Loaded before it begins, so that moments after it lie in the download.
import 'undici';
import { download } from '@farout/acquire';
import { quick } from './quick.ts';

const [address = '', target = '', sha256] = process.argv.slice(2);
const say = (sentence: string) => process.stdout.write(`${sentence}\n`);
say('begins');
try {
  const logger = { info: say, warn: say };
  const { size, from = 'there before' } = await download({ name: 'file.bin', addresses: [address], sha256 }, target, {
    env: process.env,
    signal: new AbortController().signal,
    logger,
    ...quick,
  });
  say(`has ${size} bytes from ${from}`);
} catch (error) {
  say(`failed: ${(error as { code: string }).code} ${(error as Error).message}`);
}
