import { describe, expect, it } from 'vitest';
import type { OpenClawConfig } from '../config/index.js';
import { type Message, messageText } from '../protocol/index.js';
import { SESSION_CHOICES, type TranscriptEntry } from '../sessions/index.js';
import { foldDropped } from './dropped-messages.js';
import { type InLine, isOfPerson, joining, queueModeFor, queueSettings } from './queue-mode.js';

const config: OpenClawConfig = {
  messages: { queue: { mode: 'collect', byChannel: { telegram: 'steer', webchat: 'queue' }, debounceMs: 5 } },
};

describe('what happens to a message that comes meanwhile', () => {
  it.each([
    [{ config, channel: 'telegram', entry: { queueMode: 'interrupt' } }, 'interrupt'],
    [{ config, channel: 'telegram', entry: {} }, 'steer'],
    [{ config, channel: 'slack', entry: undefined }, 'collect'],
    [{ config, channel: undefined, entry: undefined }, 'followup'],
    [{ config: {}, channel: 'telegram', entry: undefined }, 'followup'],
    [{ config, channel: 'slack', entry: { queueMode: 'nonsense' } }, 'collect'],
    [{ config, channel: 'constructor', entry: undefined }, 'collect'],
  ])('is chosen by the conversation, then the channel, then the config: %j', (question, mode) => {
    expect(queueModeFor(question)).toBe(mode);
  });

  it.each([...SESSION_CHOICES.queueMode])('has a meaning for %s', (queueMode) => {
    const other = queueMode === 'interrupt' ? 'collect' : 'interrupt';
    const mode = queueModeFor({ config: { messages: { queue: { mode: other } } }, channel: 'x', entry: { queueMode } });
    expect(mode).not.toBe(other);
  });

  it('has the limits of the config, with those of the channel first', () => {
    expect(queueSettings({ config: {}, channel: undefined, entry: undefined })).toEqual({
      ...{ mode: 'followup', debounceMs: 1_000, cap: 20, drop: 'summarize' },
    });
    const limits = { debounceMs: 5, debounceMsByChannel: { slack: 7 }, cap: 3, drop: 'new' as const };
    const limited = { messages: { queue: limits } };
    expect(queueSettings({ config: limited, channel: 'slack', entry: undefined })).toMatchObject({
      ...{ debounceMs: 7, cap: 3, drop: 'new' },
    });
    expect(queueSettings({ config: limited, channel: 'irc', entry: undefined }).debounceMs).toBe(5);
  });

  it.each([
    ['chat', undefined, true],
    ['session', undefined, true],
    ['agent', { connId: 'c' }, true],
    ['agent', undefined, false],
    ['http', { connId: 'c' }, false],
  ] as const)('is decided for people only: %s of %j', (kind, owner, isMeant) => {
    expect(isOfPerson({ kind, ...(owner && { owner }) })).toBe(isMeant);
  });

  const line = (more: Partial<InLine>): InLine => ({ mode: 'followup', hasWaited: true, isShown: false, ...more });
  it.each([
    [line({ mode: 'steer' }), line({}), 0, 'take'],
    [line({ mode: 'steer' }), line({}), 3, 'take'],
    [line({ mode: 'steer-backlog' }), line({}), 1, 'show'],
    [line({ mode: 'steer-backlog', isShown: true }), line({}), 2, 'wait'],
    [line({ mode: 'steer-backlog' }), line({}), 0, 'wait'],
    [line({ mode: 'collect' }), line({ mode: 'collect' }), 0, 'take'],
    [line({ mode: 'collect' }), line({ mode: 'collect' }), 1, 'wait'],
    [line({ mode: 'collect' }), line({ mode: 'collect', hasWaited: false }), 0, 'wait'],
    [line({ mode: 'collect' }), line({ mode: 'steer' }), 0, 'wait'],
    [line({}), line({}), 1, 'wait'],
    [line({ mode: 'interrupt' }), line({}), 1, 'wait'],
  ] as const)('%j beside a run %j at step %i: %4$s', (waiting, run, step, how) => {
    expect(joining(waiting, run, step)).toBe(how);
  });
});

describe('dropped messages', () => {
  let count = 0;
  const entry = (runId: string, message: Message): TranscriptEntry => {
    count += 1;
    return { id: `e${count}`, parentId: null, timestamp: '', seq: count, runId, message };
  };
  const asked = (runId: string, text: string) => entry(runId, { role: 'user', content: [{ type: 'text', text }] });
  const dropped = (runId: string, errorCode: string) =>
    entry(runId, { role: 'assistant', content: [], stopReason: 'error', errorCode });
  const texts = (entries: readonly TranscriptEntry[]) => entries.map(({ message }) => messageText(message));

  it('are empty for the model, or one line each with those beside them', () => {
    const entries = [
      ...[asked('a', 'first\nmore'), dropped('a', 'run.dropped_briefly')],
      ...[asked('b', 'second'), dropped('b', 'run.dropped')],
      ...[asked('c', 'x'.repeat(500)), dropped('c', 'run.dropped_briefly')],
      asked('d', 'kept'),
      ...[asked('e', 'later'), dropped('e', 'run.dropped_briefly')],
    ];
    const folded = foldDropped(entries);
    expect(folded.map(({ id }) => id)).toEqual(entries.map(({ id }) => id));
    const [list = '', ...rest] = texts(folded);
    expect(list.split('\n').slice(1)).toEqual(['- first', `- ${'x'.repeat(159)}…`]);
    expect(rest.slice(0, 6)).toEqual(['', '', '', '', '', 'kept']);
    expect(rest[6]).toContain('- later');
  });

  it('are nothing that failed for another reason', () => {
    const entries = [asked('a', 'first'), dropped('a', 'model.timeout')];
    expect(foldDropped(entries)).toBe(entries);
  });
});
