import { z } from '@farout/core';
import type { Entries } from './entries.ts';

/** What made the entries of an extraction: for people only, no run reads it. */
export const extractionNoteSchema = z.object({
  network: z.string(),
  /** The experiment for which it was first made. */
  experiment: z.string(),
  resize: z.number(),
  crop: z.number(),
  device: z.string(),
  onnxruntime: z.string(),
});

/** See `extractionNoteSchema`. */
export type ExtractionNote = z.output<typeof extractionNoteSchema>;

/** The note's name in the folder of its extraction; shards are called by hashes. */
export const noteFile = 'about.json';

/** Notes what makes an extraction, beside what it makes. */
export const noteExtraction = (entries: Entries, extraction: string, note: ExtractionNote): Promise<void> =>
  entries.writeJson(`features/${extraction}/${noteFile}`, note);
