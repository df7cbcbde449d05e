import { expect, it } from 'vitest';
import { negotiateProtocol } from './version.js';

it.each([
  [3, 3, 3],
  [4, 4, 4],
  [3, 4, 4],
  [1, 9, 4],
  [1, 2, undefined],
  [5, 9, undefined],
])('a client with %i…%i gets %s', (min, max, expected) => {
  expect(negotiateProtocol(min, max)).toBe(expected);
});
