import { z } from './parameters.ts';

/** What a part is, for those who meet its name in a list: `oodkit explain` and the editor show it. */
export interface About {
  /** One sentence, without the name. */
  readonly summary: string;
  /** The formula on a line, in the letters of its source. */
  readonly formula?: string;
  /** The paper or library that it is from, with place and year. */
  readonly source?: string;
}

/** What `about` of a part must be. */
export const aboutSchema = z.strictObject({
  summary: z.string().min(1),
  formula: z.string().min(1).optional(),
  source: z.string().min(1).optional(),
});
