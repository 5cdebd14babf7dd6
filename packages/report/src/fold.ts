/** How long a line of a folded name may be, if its parts allow it. */
const longest = 9;

/** A name on as many lines as it takes to be narrow, broken after hyphens, underscores and blanks only. */
export function fold(name: string): string {
  const lines = [''];
  for (const part of name.split(/(?<=[-_ ])/)) {
    if (lines.at(-1) === '' || (lines.at(-1)! + part).length <= longest) lines.push(lines.pop()! + part);
    else lines.push(part);
  }
  return lines.map((line) => line.trimEnd()).join('\n');
}
