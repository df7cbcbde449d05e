import { describe, expect, it } from 'vitest';
import { isFromPerson, parseCommand } from './commands.js';

describe('a slash command', () => {
  it.each([
    ['/stop', { name: 'stop' }],
    ['/abort', { name: 'stop' }],
    ['/new', { name: 'new', rest: '' }],
    ['/NEW\nhello there', { name: 'new', rest: 'hello there' }],
    ['/reset again', { name: 'reset', rest: 'again' }],
    ['/model', { name: 'model', ref: '' }],
    ['/model Fake/Fake-2', { name: 'model', ref: 'Fake/Fake-2' }],
    ['/models', { name: 'models', provider: '' }],
    ['/models Fake', { name: 'models', provider: 'fake' }],
    ['/think high', { name: 'think', value: 'high' }],
    ['/thinking LOW', { name: 'think', value: 'low' }],
    ['/t', { name: 'think', value: '' }],
    ['/verbose full', { name: 'verbose', value: 'full' }],
    ['/v on', { name: 'verbose', value: 'on' }],
    ['/reasoning stream', { name: 'reasoning', value: 'stream' }],
    ['/usage tokens', { name: 'usage', value: 'tokens' }],
    ['/queue', { name: 'queue', value: '' }],
    ['/queue Steer+Backlog', { name: 'queue', value: 'steer+backlog' }],
    ['/context', { name: 'context' }],
    ['/status', { name: 'status' }],
    ['/whoami', { name: 'whoami' }],
    ['/id', { name: 'whoami' }],
    ['/help', { name: 'help' }],
    ['/compact', { name: 'compact', instructions: '' }],
    ['/compact keep the numbers', { name: 'compact', instructions: 'keep the numbers' }],
    ['/config', { name: 'config', ask: { action: 'usage' } }],
    ['/config get', { name: 'config', ask: { action: 'get', path: '' } }],
    ['/config show agents.list', { name: 'config', ask: { action: 'get', path: 'agents.list' } }],
    ['/config set a.b c d', { name: 'config', ask: { action: 'set', path: 'a.b', value: 'c d' } }],
    ['/config set a.b=5', { name: 'config', ask: { action: 'set', path: 'a.b', value: '5' } }],
    ['/config set a.b', { name: 'config', ask: { action: 'usage' } }],
    ['/config unset a.b', { name: 'config', ask: { action: 'unset', path: 'a.b' } }],
    ['/config unset', { name: 'config', ask: { action: 'usage' } }],
    ['/config what is this', { name: 'config', ask: { action: 'usage' } }],
    ['/approve 7f3 Allow-Once', { name: 'approve', id: '7f3', decision: 'allow-once' }],
    ['/approve 7f3', { name: 'approve', id: '', decision: '' }],
  ])('%j', (text, command) => {
    expect(parseCommand(text)).toEqual(command);
  });

  it.each([
    'stop',
    '/stop it',
    '/newer',
    '/think hard about this',
    '/usage of the tool',
    '/queue in the shop',
    '/model is good',
    '/context of the story',
    '/constructor',
    '/elevated full',
    'say /new',
    '> /new',
  ])('is not in %j', (text) => {
    expect(parseCommand(text)).toBeUndefined();
  });

  it('starts anew with the words of the config and no others', () => {
    const triggers = ['fresh start', '/reset'];
    expect(parseCommand('Fresh start please', triggers)).toEqual({ name: 'new', rest: 'please' });
    expect(parseCommand('fresh starting', triggers)).toBeUndefined();
    expect(parseCommand('/new', triggers)).toBeUndefined();
    expect(parseCommand('/reset', triggers)).toEqual({ name: 'reset', rest: '' });
  });
});

describe('a message', () => {
  it.each([
    [undefined, true],
    [null, true],
    [{ kind: 'external_user' }, true],
    [{ kind: 'inter_session' }, false],
    [{ kind: 'internal_system' }, false],
    [{}, false],
    ['external_user', false],
  ])('with provenance %j is from a person: %s', (provenance, isPerson) => {
    expect(isFromPerson(provenance)).toBe(isPerson);
  });
});
