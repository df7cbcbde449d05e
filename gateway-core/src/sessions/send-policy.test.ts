import { describe, expect, it } from 'vitest';
import { maySend, type SendQuestion } from './send-policy.js';

type Rules = NonNullable<NonNullable<SendQuestion['policy']>['rules']>;
const GROUP = 'agent:main:telegram:group:g';
const MAIN = 'agent:main:main';

const denyTelegram: Rules = [{ action: 'deny', match: { channel: 'Telegram' } }];
const denyGroups: Rules = [{ action: 'deny', match: { chatType: 'group' } }];

describe('writing of its own accord', () => {
  it.each<[string, SendQuestion, boolean, string]>([
    ['nothing set', { key: MAIN }, true, 'default'],
    ['the default', { key: MAIN, policy: { default: 'deny' } }, false, 'default'],
    ['a channel by its key', { key: GROUP, policy: { rules: denyTelegram } }, false, 'rules[0]'],
    ['a channel by name', { key: MAIN, channel: 'telegram', policy: { rules: denyTelegram } }, false, 'rules[0]'],
    ['another channel', { key: 'agent:main:slack:group:g', policy: { rules: denyTelegram } }, true, 'default'],
    ['a kind of chat', { key: GROUP, policy: { rules: denyGroups } }, false, 'rules[0]'],
    ['a thread is what it hangs on', { key: `${GROUP}:thread:5`, policy: { rules: denyGroups } }, false, 'rules[0]'],
    ['a direct chat is no group', { key: MAIN, policy: { rules: denyGroups } }, true, 'default'],
    [
      'a told kind counts before the key',
      { key: MAIN, chatType: 'group', policy: { rules: denyGroups } },
      false,
      'rules[0]',
    ],
    [
      'dm means direct',
      { key: MAIN, policy: { rules: [{ action: 'deny', match: { chatType: 'dm' } }] } },
      false,
      'rules[0]',
    ],
    [
      'a prefix of the rest',
      { key: 'agent:main:cron:j', policy: { rules: [{ action: 'deny', match: { keyPrefix: 'cron:' } }] } },
      false,
      'rules[0]',
    ],
    [
      'a prefix of the rest is none of the whole',
      { key: MAIN, policy: { rules: [{ action: 'deny', match: { keyPrefix: 'agent:' } }] } },
      true,
      'default',
    ],
    [
      'a prefix of the whole',
      { key: 'agent:work:main', policy: { rules: [{ action: 'deny', match: { rawKeyPrefix: 'agent:work:' } }] } },
      false,
      'rules[0]',
    ],
    [
      'all parts must fit',
      { key: GROUP, policy: { rules: [{ action: 'deny', match: { channel: 'telegram', chatType: 'direct' } }] } },
      true,
      'default',
    ],
    ['a rule without a match fits all', { key: MAIN, policy: { rules: [{ action: 'deny' }] } }, false, 'rules[0]'],
    [
      'deny wins behind allow',
      { key: GROUP, policy: { rules: [{ action: 'allow' }, ...denyGroups] } },
      false,
      'rules[1]',
    ],
    [
      'allow against the default',
      { key: MAIN, policy: { default: 'deny', rules: [{ action: 'allow', match: { keyPrefix: 'main' } }] } },
      true,
      'rules[0]',
    ],
    ['the conversation itself denies', { key: MAIN, override: 'deny' }, false, 'session'],
    [
      'the conversation itself allows',
      { key: GROUP, override: 'allow', policy: { rules: denyGroups } },
      true,
      'session',
    ],
    ['another word there means nothing', { key: MAIN, override: 'perhaps' }, true, 'default'],
  ])('%s', (_name, question, isAllowed, by) => {
    expect(maySend(question)).toEqual({ isAllowed, by });
  });
});
