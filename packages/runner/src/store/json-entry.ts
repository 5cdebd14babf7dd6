import type { z } from '@oodkit/core';
import { type Store } from '@oodkit/core';

/** An entry that holds JSON; what is not of the schema's form counts as absent, and is then made again. */
export async function readJson<S extends z.ZodType>(
  store: Store,
  key: string,
  schema: S,
): Promise<z.output<S> | undefined> {
  const bytes = await store.read(key);
  if (!bytes) return undefined;
  return schema.safeParse(parse(Buffer.from(bytes).toString('utf8'))).data;
}

/** Writes plain data as an entry. */
export const writeJson = (store: Store, key: string, data: unknown): Promise<void> =>
  store.write(key, Buffer.from(JSON.stringify(data)));

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
