import { describe, expect, it } from 'vitest';
import { newSession } from './session-entry.js';
import { buildSessionRow } from './session-row.js';

const KEY = 'agent:main:main';
const DEFAULTS = { provider: 'fake', model: 'fake-1', contextTokens: 1_000 };

describe('the row of a conversation', () => {
  it('says how its answers are shown and what becomes of messages meanwhile, once that was chosen', () => {
    const settings = { reasoningLevel: 'stream', responseUsage: 'full', queueMode: 'steer' };
    expect(buildSessionRow(KEY, { ...newSession('s', 1), ...settings }, DEFAULTS)).toMatchObject(settings);
    const keys = Object.keys(buildSessionRow(KEY, newSession('s', 1), DEFAULTS));
    expect(keys.filter((key) => key in settings)).toEqual([]);
  });

  it('leaves out what another program stored in a form of its own', () => {
    const entry = { ...newSession('s', 1), reasoningLevel: 3, responseUsage: null };
    expect(buildSessionRow(KEY, entry, DEFAULTS)).not.toHaveProperty('reasoningLevel');
    expect(buildSessionRow(KEY, entry, DEFAULTS)).not.toHaveProperty('responseUsage');
  });
});
