/** The variables of the user's environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A reference that cannot be replaced. */
export interface BadReference {
  /** As written. */
  readonly text: string;
  /** The variable that is not set; undefined when the reference is not of a known form. */
  readonly variable: string | undefined;
}

/** `${`, and the rest of a reference if it is well formed. */
const references = /\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\})?/g;

/**
 * Replaces `${NAME}` by the variable, and `${NAME:-default}` by the default when the variable is unset or empty. What
 * cannot be replaced stays, and is listed.
 */
export function substituteVariables(text: string, env: Environment): { text: string; bad: BadReference[] } {
  const bad: BadReference[] = [];
  const replaced = text.replace(references, (reference: string, name?: string, fallback?: string) => {
    const value = name !== undefined && Object.hasOwn(env, name) ? env[name] : undefined;
    const found = value === undefined || value === '' ? (fallback ?? value) : value;
    if (found === undefined) bad.push({ text: reference, variable: name });
    return found ?? reference;
  });
  return { text: replaced, bad };
}
