// A process that reads all images of a tar, for memory.ts to look at from outside.
import { readTar } from './archives.ts';

await readTar(process.argv[2]!);
