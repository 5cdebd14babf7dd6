/** Scores by dataset and detector, in the images' order. */
export type Scores = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;

/** What a scores.csv holds whose names need no quotes. */
export function scoresIn(csv: string): Scores {
  const [head, ...rows] = csv.trim().split('\r\n');
  const names = head!.split(',');
  const found: Record<string, Record<string, number[]>> = {};
  for (const row of rows) {
    const cells = row.split(',');
    const own = (found[cells[0]!] ??= {});
    for (const [at, name] of names.entries()) if (at > 3) (own[name] ??= []).push(Number(cells[at]));
  }
  return found;
}
