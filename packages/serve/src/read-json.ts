import { limits } from './limits.ts';
import { Problem } from './problems.ts';

/**
 * Parses a JSON document. Counts its values first, because a byte of text may take dozens of bytes of memory.
 *
 * @throws Problem OOD_SERVE_TOO_LARGE, OOD_SERVE_REQUEST.
 */
export function readJson(bytes: Uint8Array): unknown {
  refuseTooMany(bytes);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new Problem('OOD_SERVE_REQUEST', 'the body is not valid JSON');
  }
}

const code = (character: string) => character.charCodeAt(0);
const [quote, backslash, comma, colon] = [code('"'), code('\\'), code(','), code(':')];
const openers = [code('['), code('{')];
const closers = [code(']'), code('}')];

function refuseTooMany(bytes: Uint8Array): void {
  let values = 1;
  let depth = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === quote) at = endOfText(bytes, at);
    else if (byte === comma || byte === colon) values++;
    else if (openers.includes(byte)) {
      values++;
      if (++depth > limits.jsonDepth)
        throw new Problem('OOD_SERVE_REQUEST', `the JSON has more than ${limits.jsonDepth} levels of nested lists`);
    } else if (closers.includes(byte)) depth--;
    if (values > limits.jsonValues)
      throw new Problem('OOD_SERVE_TOO_LARGE', `the JSON has more than ${limits.jsonValues} values`);
  }
}

/** The end of the string that starts at a quote: the next quote after an even number of backslashes. */
function endOfText(bytes: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(quote, start + 1); at !== -1; at = bytes.indexOf(quote, at + 1)) {
    let before = at;
    while (bytes[before - 1] === backslash) before--;
    if ((at - before) % 2 === 0) return at;
  }
  return bytes.length;
}
