import { FaroutError } from '@farout/core/errors';

const fixes = {
  damaged: 'Replace the file, or take it out of the dataset.',
  foreign: 'Convert it to PNG, which keeps every pixel, or take it out of the dataset.',
};

/**
 * The error of an image that is left out: OOD_IMAGE_UNREADABLE. `reason` is one line, shown beside the image's name; the
 * kind of fault decides what is proposed; a decoder's own error is kept as the cause.
 */
export const unreadable = (fault: keyof typeof fixes, reason: string, cause?: unknown): FaroutError =>
  new FaroutError('OOD_IMAGE_UNREADABLE', reason, { fix: fixes[fault], cause });
