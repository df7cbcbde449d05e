import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { hears, isEventPattern, LIFECYCLE_EVENTS } from './lifecycle-events.js';

describe('event patterns', () => {
  it.each([
    ['command', true],
    ['command:new', true],
    ['session', true],
    ['command:other', false],
    ['com', false],
    ['', false],
  ])('%j → %s', (text, is) => expect(isEventPattern(text)).toBe(is));

  it('are heard by their name or their group alone', () => {
    expect(hears(['session'], 'session:end')).toBe(true);
    expect(hears(['session:end', 'message'], 'session:end')).toBe(true);
    expect(hears(['session:start', 'message'], 'session:end')).toBe(false);
  });
});

it('the guide names every event once, and no other', async () => {
  const guide = await readFile(new URL('../../../docs/guide/hooks.md', import.meta.url), 'utf8');
  const rows = [...guide.matchAll(/^\| `([a-z]+:[a-z]+)`/gm)].map(([, name]) => name);
  expect(rows).toEqual([...LIFECYCLE_EVENTS]);
});
