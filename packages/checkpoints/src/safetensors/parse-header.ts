import { Refusal } from '../refusal.ts';
import { shown } from '../shown.ts';

/** Tensors by name, in each a list of sizes: nothing in a header lies deeper. */
const deepest = 3;

/** Brackets and pieces of text: 30,000 tensors have 330,000. One of three bytes may take a hundred of memory. */
const mostTokens = 500_000;

/** The next bracket, or piece of text with the colon that makes it a key. Text without an end is one too, or each of its
 * quotation marks would be tried as a beginning. */
const token = /[[\]{}]|("[^"\\]*(?:\\.[^"\\]*)*\\?(?:"|$))(\s*:)?/gs;

/**
 * The JSON object that is the header of a safetensors file, as entries in order.
 *
 * @throws Refusal for any other text, one nested deeper, and one with a key twice, of which JSON.parse would keep the last.
 */
export function parseHeader(text: string): [string, unknown][] {
  checkStructure(text);
  return Object.entries(parse(text) as object);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Refusal('its header is not JSON', undefined, { cause });
  }
}

function checkStructure(text: string): void {
  const open: Set<string>[] = [];
  let count = 0;
  for (const [bracket, key, colon] of text.matchAll(token)) {
    if (++count > mostTokens) throw new Refusal(`its header has more than ${mostTokens} brackets and texts`);
    if (bracket === '{' || bracket === '[') {
      if (open.push(new Set()) > deepest) throw new Refusal(`its header is nested more than ${deepest} deep`);
    } else if (bracket === '}' || bracket === ']') open.pop();
    else if (key !== undefined && colon !== undefined) addKey(open.at(-1), parse(key) as string);
  }
}

function addKey(keys: Set<string> | undefined, key: string): void {
  if (keys?.has(key)) throw new Refusal(`its header has the key "${shown(key)}" twice`);
  keys?.add(key);
}
