import sharp from 'sharp';

/**
 * Makes sharp fit for one of several worker processes: one thread an image, as the parallelism lies in the processes;
 * nothing kept of images that are seen once. For the whole process, so the process's owner calls it, not this package.
 */
export function configureSharpForWorker(): void {
  sharp.concurrency(1);
  sharp.cache(false);
}
