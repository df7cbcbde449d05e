import { describe, expect, it } from 'vitest';
import { type ConversationPlace, type KeyConfig, keyFacts, sessionKeyFor } from './conversation-key.js';

const MAIN = 'agent:main:main';
const dm = (peer: string | undefined, more: Partial<ConversationPlace> = {}): ConversationPlace => ({
  agentId: 'main',
  channel: 'telegram',
  chatType: 'direct',
  ...(peer !== undefined && { peer }),
  ...more,
});
const room = (chatType: 'group' | 'channel', peer: string, more: Partial<ConversationPlace> = {}) =>
  dm(peer, { chatType, ...more });
const thread = (peer: string, threadId: string, more: Partial<ConversationPlace> = {}) =>
  dm(peer, { chatType: 'thread', threadId, ...more });

const perPeer: KeyConfig = { dmScope: 'per-peer' };
const perChannel: KeyConfig = { dmScope: 'per-channel-peer' };
const perAccount: KeyConfig = { dmScope: 'per-account-channel-peer' };
const global: KeyConfig = { scope: 'global' };
const identityLinks = { alice: ['telegram:111', 'Discord:222', '+15550100'], ' ': ['telegram:999'] };
const linked = (config: KeyConfig): KeyConfig => ({ ...config, identityLinks });

describe('the conversation of a message', () => {
  it.each<[string, ConversationPlace, KeyConfig, string]>([
    ['a direct message, nothing set', dm('111'), {}, MAIN],
    ['scope per-sender is the same', dm('111'), { scope: 'per-sender' }, MAIN],
    ['another agent', dm('111', { agentId: 'work' }), {}, 'agent:work:main'],
    ['an agent written otherwise', dm('111', { agentId: ' Work ' }), {}, 'agent:work:main'],
    ['dmScope main', dm('111'), { dmScope: 'main' }, MAIN],
    ['per-peer', dm('111'), perPeer, 'agent:main:direct:111'],
    ['per-peer over another channel', dm('111', { channel: 'signal' }), perPeer, 'agent:main:direct:111'],
    ['per-peer, capitals and blanks', dm(' Alice '), perPeer, 'agent:main:direct:alice'],
    ['per-peer, blanks inside', dm('a b'), perPeer, 'agent:main:direct:a_b'],
    ['per-peer, colons inside', dm('a:b'), perPeer, 'agent:main:direct:a_b'],
    ['per-peer without a sender', dm(undefined), perPeer, MAIN],
    ['per-peer with an empty sender', dm('  '), perPeer, MAIN],
    ['per-channel-peer', dm('111'), perChannel, 'agent:main:telegram:direct:111'],
    ['per-channel-peer elsewhere', dm('111', { channel: 'Signal' }), perChannel, 'agent:main:signal:direct:111'],
    ['per-channel-peer, no channel', dm('111', { channel: undefined }), perChannel, 'agent:main:unknown:direct:111'],
    ['per-channel-peer without a sender', dm(undefined), perChannel, MAIN],
    ['per-account', dm('111', { accountId: 'bot2' }), perAccount, 'agent:main:telegram:bot2:direct:111'],
    ['per-account, no account', dm('111'), perAccount, 'agent:main:telegram:default:direct:111'],
    ['per-account, written otherwise', dm('1', { accountId: ' B2 ' }), perAccount, 'agent:main:telegram:b2:direct:1'],
    ['per-account without a sender', dm(undefined, { accountId: 'b' }), perAccount, MAIN],
    ['a link by channel', dm('111'), linked(perPeer), 'agent:main:direct:alice'],
    ['a link by another channel', dm('222', { channel: 'discord' }), linked(perPeer), 'agent:main:direct:alice'],
    ['the same id elsewhere is somebody else', dm('222'), linked(perPeer), 'agent:main:direct:222'],
    ['a link without a channel', dm('+15550100', { channel: 'sms' }), linked(perPeer), 'agent:main:direct:alice'],
    ['a link, per channel', dm('111'), linked(perChannel), 'agent:main:telegram:direct:alice'],
    ['a link, per account', dm('111'), linked(perAccount), 'agent:main:telegram:default:direct:alice'],
    ['a link does not part the main one', dm('111'), linked({}), MAIN],
    ['a link without a name counts for nothing', dm('999'), linked(perPeer), 'agent:main:direct:999'],
    ['nobody is linked to a stranger', dm('333'), linked(perPeer), 'agent:main:direct:333'],
    ['a group', room('group', '-100'), {}, 'agent:main:telegram:group:-100'],
    ['a group whatever dmScope says', room('group', '-100'), perAccount, 'agent:main:telegram:group:-100'],
    ['a group is no person', room('group', '111'), linked(perPeer), 'agent:main:telegram:group:111'],
    ['a group without a name', room('group', ''), {}, 'agent:main:telegram:group:unknown'],
    ['a channel', room('channel', 'C1', { channel: 'slack' }), {}, 'agent:main:slack:channel:c1'],
    ['a group of another agent', room('group', 'g', { agentId: 'work' }), {}, 'agent:work:telegram:group:g'],
    ['a thread of a group', thread('g', '5'), {}, 'agent:main:telegram:group:g:thread:5'],
    ['a thread of a channel', thread('c', '5', { threadOf: 'channel' }), {}, 'agent:main:telegram:channel:c:thread:5'],
    ['a thread of a direct chat', thread('1', '5', { threadOf: 'direct' }), {}, `${MAIN}:thread:5`],
    [
      'a thread of a direct chat, per peer',
      thread('1', '5', { threadOf: 'direct' }),
      perPeer,
      'agent:main:direct:1:thread:5',
    ],
    ['a thread, written otherwise', thread('g', ' 17A:2 '), {}, 'agent:main:telegram:group:g:thread:17a_2'],
    ['a thread without an id is its room', thread('g', ' '), {}, 'agent:main:telegram:group:g'],
    ['a room with a thread id', room('group', 'g', { threadId: '9' }), {}, 'agent:main:telegram:group:g:thread:9'],
    ['global, direct', dm('111'), global, MAIN],
    ['global, whatever dmScope says', dm('111'), { ...global, ...perPeer }, MAIN],
    ['global, a group', room('group', 'g'), global, MAIN],
    ['global, a thread', thread('g', '5'), global, MAIN],
    ['global, another agent', dm('111', { agentId: 'work' }), global, 'agent:work:main'],
  ])('%s', (_name, place, config, key) => {
    expect(sessionKeyFor(place, config)).toBe(key);
  });

  it('keeps senders apart who try to name each other', () => {
    const keys = ['bob', 'direct:bob', 'x:direct:bob'].map((peer) => sessionKeyFor(dm(peer), perChannel));
    expect(new Set(keys).size).toBe(3);
    expect(sessionKeyFor(dm('main:thread:1'), perPeer)).toBe('agent:main:direct:main_thread_1');
  });
});

describe('what a key tells', () => {
  it.each([
    ['main', { chatType: 'direct' }],
    ['dashboard:8bd7139', { chatType: 'direct' }],
    ['main:thread:5', { chatType: 'thread' }],
    ['direct:bob', { chatType: 'direct' }],
    ['telegram:direct:bob', { channel: 'telegram', chatType: 'direct' }],
    ['telegram:dm:bob', { channel: 'telegram', chatType: 'direct' }],
    ['telegram:bot2:direct:bob', { channel: 'telegram', chatType: 'direct' }],
    ['slack:channel:c1', { channel: 'slack', chatType: 'channel' }],
    ['telegram:group:-100', { channel: 'telegram', chatType: 'group' }],
    ['telegram:group:-100:topic:7', { channel: 'telegram', chatType: 'thread' }],
    ['cron:job:run:thread', { chatType: 'direct' }],
  ])('%s', (rest, facts) => {
    expect(keyFacts(rest)).toEqual(facts);
  });
});
