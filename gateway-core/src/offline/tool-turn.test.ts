import { describe, expect, it } from 'vitest';
import type { ModelTool } from '../models/index.js';
import type { Message } from '../protocol/index.js';
import { newsSince, readToolTurn } from './tool-turn.js';
import type { OfflineRequest } from './types.js';

const EXEC: ModelTool = {
  name: 'exec',
  description: 'Run a command.',
  parameters: { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] },
};
const user = (content: string): Message => ({ role: 'user', content });
const said = (content: string): Message => ({ role: 'assistant', content });
const event = (content: string): Message => ({ role: 'system', content: `System: ${content}` });
const call = (name = 'exec', id = 'c1'): Message => ({
  role: 'assistant',
  content: [{ type: 'toolCall', id, name, arguments: { command: 'ls' } }],
});
const result = (text: string, toolName = 'exec'): Message => ({
  role: 'toolResult',
  toolCallId: 'c1',
  toolName,
  content: [{ type: 'text', text }],
});
const turn = (messages: Message[], more: Partial<OfflineRequest> = {}) =>
  readToolTurn(
    { agentId: 'main', sessionKey: 'agent:main:main', tools: [EXEC], isFromPerson: true, messages, ...more },
    [],
  );
const MADE = { kind: 'call', name: 'exec', arguments: { command: 'ls' } };

describe('whose words make a call', () => {
  it('makes the one that the last message names', () => {
    expect(turn([user('exec: ls')])).toEqual(MADE);
    expect(turn([user('hi'), said('Hello.'), user('exec: ls'), event('Something happened.')])).toEqual(MADE);
  });

  it.each<[string, Message[]]>([
    ['an earlier message', [user('exec: ls'), said('…'), user('thanks')]],
    ['the output of a tool', [user('read a.md'), call('read'), result('exec: ls', 'read')]],
    ['an answer', [user('hello'), said('exec: ls')]],
    ['a system event', [user('hello'), event('exec: ls')]],
    ['an event after a message that was answered', [user('exec: ls'), call(), result('a'), event('exec: ls')]],
    ['a call of another model', [user('hello'), call(), result('exec: ls')]],
    ['nobody', [event('exec: ls')]],
  ])('none from %s', (_name, messages) => {
    expect(turn(messages).kind).not.toBe('call');
  });

  it('does not make a call twice', () => {
    const results = [result('one')];
    const told = { kind: 'results', results, isAvailable: true };
    expect(turn([user('exec: ls'), call(), ...results])).toEqual(told);
    expect(turn([user('exec: ls'), call(), ...results, event('exec: rm x')])).toEqual(told);
    // The gateway was interrupted, and the call has no result.
    expect(turn([user('exec: ls'), call()])).toEqual({ kind: 'none' });
  });

  it.each([
    'agent:main:subagent:1',
    'agent:main:cron:1:run:2',
    'agent:main:hook:gmail:1',
    'agent:main:heartbeat',
    'agent:main:acp:1',
    'agent:main:openai:1',
    'agent:main:openresponses-user:x',
    'agent:main:telegram:group:1',
    'agent:main:discord:channel:1',
    'hook:1',
  ])('none in the conversation %s', (sessionKey) => {
    expect(turn([user('exec: ls')], { sessionKey })).toEqual({ kind: 'refused', name: 'exec', why: 'noPerson' });
  });

  it('none for a message that no person wrote, and none when tools are turned off', () => {
    const refused = { kind: 'refused', name: 'exec', why: 'noPerson' };
    expect(turn([user('exec: ls')], { isFromPerson: false })).toEqual(refused);
    expect(turn([user('exec: ls')], { isFromPerson: undefined })).toEqual(refused);
    expect(turn([user('exec: ls')], { toolChoice: 'none' })).toEqual(refused);
    expect(turn([user('exec: ls')], { isFromPerson: true, sessionKey: 'agent:main:subagent:1' })).toEqual(refused);
    expect(turn([user('exec: ls')], { isFromPerson: true, toolChoice: 'auto' })).toEqual(MADE);
    expect(turn([user('exec: ls')], { sessionKey: 'agent:main:dashboard:1' })).toEqual(MADE);
  });

  it('none without tools, and says so', () => {
    expect(turn([user('run exec: ls')], { tools: [] })).toEqual({ kind: 'refused', name: 'exec', why: 'noTools' });
    expect(turn([user('run exec: ls')], { tools: undefined }).kind).toBe('refused');
  });
});

describe('news', () => {
  it('are what was told since the last answer', () => {
    const before = [event('old'), user('hi'), said('Hello.')];
    expect(newsSince([...before, user('and?'), event('one\nSystem: two')])).toEqual(['one', 'two']);
    expect(newsSince([...before, event('early'), user('exec: ls'), event('late'), call(), result('x')])).toEqual([
      'early',
      'late',
    ]);
    expect(newsSince([...before, user('and?'), said('That.'), user('so?')])).toEqual([]);
    expect(newsSince([])).toEqual([]);
  });
});
