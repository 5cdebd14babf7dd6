import { z } from './part.ts';

/** What a part is, for those who meet its name in a list: `farout explain` and the editor show it. */
export interface About {
  /** One sentence, without the name. */
  readonly summary: string;
  /** The formula on a line, in the letters of its source. */
  readonly formula?: string;
  /** The paper or library that it is from, with place and year. */
  readonly source?: string;
}

/** It is printed on terminals, where control characters could imitate other lines. */
const line = z.string().regex(/^[^\p{Cc}\p{Zl}\p{Zp}]+$/u, 'must be a line of text');

/** What `about` of a part must be. */
export const aboutSchema = z.strictObject({ summary: line, formula: line.optional(), source: line.optional() });
