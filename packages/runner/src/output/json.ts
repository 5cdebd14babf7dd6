/** A value as JSON. Numbers that JSON has not are spelled: `"Infinity"`, `"-Infinity"`, `"NaN"`; it would make null of them. */
export const json = (value: unknown, indent?: number): string =>
  JSON.stringify(
    value,
    (_, each: unknown) => (typeof each === 'number' && !Number.isFinite(each) ? String(each) : each),
    indent,
  );
