// A process that reads all images of a tar, watched by memory.ts.
import { readTar } from './archives.ts';

await readTar(process.argv[2]!);
