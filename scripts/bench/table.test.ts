import { expect, test } from 'vitest';
import { isKept, median, renderTable } from './table.mjs';

test('the median of an even count is the mean of the middle two', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([9, 1, 5])).toBe(5);
});

test.each([
  ['a ratio at its upper bound', { value: 6, bare: 2, maxRatio: 3 }, true],
  ['a ratio above its upper bound', { value: 7, bare: 2, maxRatio: 3 }, false],
  ['a ratio below its lower bound', { value: 4, bare: 10, minRatio: 0.5 }, false],
  ['a value above its own bound', { value: 31, max: 30 }, false],
])('%s', (_what, row, kept) => expect(isKept(row)).toBe(kept));

test('the table says which budget was missed', () => {
  const table = renderTable([{ figure: 'exit', unit: 'ms', value: 200, bare: 20, max: 150 }]);
  expect(table.split('\n')[2]).toBe('| exit   | 200 ms  | 20.0 ms | 10.00 × | ≤ 150 ms | **NO** |');
});
