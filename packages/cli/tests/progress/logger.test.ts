import { expect, it } from '@jest/globals';
import { showsColour } from '../../src/progress/logger.ts';

const terminal = { isTTY: true };

it('shows colours on a terminal only, and not on a dumb one', () => {
  expect(showsColour(terminal, {})).toBe(true);
  expect(showsColour({}, {})).toBe(false);
  expect(showsColour(terminal, { TERM: 'dumb' })).toBe(false);
});

it('obeys NO_COLOR before FORCE_COLOR, and both before what the stream is', () => {
  expect(showsColour(terminal, { NO_COLOR: '1', FORCE_COLOR: '1' })).toBe(false);
  expect(showsColour({}, { FORCE_COLOR: '1' })).toBe(true);
  expect(showsColour(terminal, { FORCE_COLOR: '0' })).toBe(false);
  expect(showsColour(terminal, { NO_COLOR: '' })).toBe(true);
});
