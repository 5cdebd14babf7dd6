/** Whether a stream shows colours, by the customs NO_COLOR and FORCE_COLOR, else by whether it is a terminal. */
export function showsColour(stream: { readonly isTTY?: boolean }, env = process.env): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0';
  return stream.isTTY === true && env.TERM !== 'dumb';
}
