import { describe, expect, it } from 'vitest';
import { parseSessionKey, requireSessionKey } from './session-key.js';

describe('session keys', () => {
  it.each([
    ['main', 'agent:main:main'],
    ['MAIN', 'agent:main:main'],
    ['agent:main:main', 'agent:main:main'],
    ['Agent:Ops:Tool', 'agent:ops:Tool'],
    ['agent:ops:dashboard:1:2', 'agent:ops:dashboard:1:2'],
    ['notes', 'agent:main:notes'],
  ])('%s means %s', (input, key) => {
    expect(parseSessionKey(input, 'main')?.key).toBe(key);
  });

  it.each(['agent:bad', 'agent::x', 'agent:main:', 'agent:../../x:main', 'agent:a/b:c', ' '])(
    '%j is malformed',
    (input) => {
      expect(parseSessionKey(input, 'main')).toBeUndefined();
      expect(() => requireSessionKey(input, 'main')).toThrow(`malformed session key "${input}"`);
    },
  );
});
