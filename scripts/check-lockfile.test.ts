import { expect, test } from 'vitest';
import { findLockfileGaps } from './check-lockfile.mjs';

const tool = {
  version: '2.0.0',
  integrity: 'sha512-a',
  optionalDependencies: { 'tool-linux': '2.0.0', 'tool-mac': '2.0.0' },
};
const binary = (version: string) => ({ version, integrity: 'sha512-b' });

test('a lockfile with every platform has no gap', () => {
  const packages = {
    'node_modules/tool': tool,
    'node_modules/tool-linux': binary('2.0.0'),
    'node_modules/tool-mac': binary('2.0.0'),
  };
  expect(findLockfileGaps({ packages })).toEqual([]);
});

test('names the platform that is missing', () => {
  const packages = { 'node_modules/tool': tool, 'node_modules/tool-linux': binary('2.0.0') };
  expect(findLockfileGaps({ packages })).toEqual(['tool 2.0.0 offers tool-mac@2.0.0, which the lockfile lacks']);
});

test('names a platform that is there in another version', () => {
  const packages = {
    'node_modules/tool': tool,
    'node_modules/tool-linux': binary('2.0.0'),
    'node_modules/tool-mac': binary('1.0.0'),
  };
  expect(findLockfileGaps({ packages })).toEqual(['tool 2.0.0 offers tool-mac@2.0.0, but the lockfile has 1.0.0']);
});

test('finds the nested copy before the shared one', () => {
  const packages = {
    'node_modules/a/node_modules/tool': tool,
    'node_modules/a/node_modules/tool-mac': binary('2.0.0'),
    'node_modules/tool-mac': binary('1.0.0'),
    'node_modules/tool-linux': binary('2.0.0'),
  };
  expect(findLockfileGaps({ packages })).toEqual([]);
});
