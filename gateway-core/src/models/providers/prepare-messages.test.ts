import { describe, expect, it } from 'vitest';
import type { Message } from '../../protocol/index.js';
import type { ModelTarget } from '../types.js';
import { FREE } from '../usage.js';
import { prepareMessages } from './prepare-messages.js';

const TARGET: ModelTarget = {
  provider: 'p',
  model: 'm',
  name: 'm',
  api: 'anthropic-messages',
  baseUrl: '',
  headers: {},
  reasoning: true,
  input: ['text'],
  cost: FREE,
  contextWindow: 1000,
  maxTokens: 100,
};
const call = (id: string) => ({ type: 'toolCall' as const, id, name: 'tool', arguments: {} });
const prepared = (...messages: Message[]) => prepareMessages(messages, TARGET);

describe('prepareMessages', () => {
  it('answers a call whose result was lost', () => {
    const turns = prepared(
      { role: 'assistant', content: [call('a'), call('b')] },
      { role: 'toolResult', toolCallId: 'a', content: 'r' },
      { role: 'user', content: 'next' },
    );
    expect(turns.map((turn) => turn.role)).toEqual(['assistant', 'toolResult', 'toolResult', 'user']);
    expect(turns[2]).toMatchObject({ toolCallId: 'b', isError: true });
  });

  it('drops a result without its call, empty turns, and answers of reasoning alone', () => {
    const turns = prepared(
      { role: 'toolResult', toolCallId: 'x', content: 'r' },
      { role: 'user', content: '' },
      { role: 'assistant', content: [{ type: 'text', text: '  ' }] },
      {
        role: 'assistant',
        provider: 'p',
        model: 'm',
        api: 'anthropic-messages',
        content: [{ type: 'thinking', thinking: 'hm', thinkingSignature: 's' }],
      },
      { role: 'user', content: 'only this' },
    );
    expect(turns).toEqual([{ role: 'user', content: [{ type: 'text', text: 'only this' }] }]);
  });

  it('keeps signed reasoning of the same model and drops that of another', () => {
    const content: Message['content'] = [
      { type: 'thinking', thinking: 'hm', thinkingSignature: 's' },
      { type: 'text', text: 'answer' },
    ];
    const own = prepared({ role: 'assistant', provider: 'p', model: 'm', api: 'anthropic-messages', content });
    const foreign = prepared({ role: 'assistant', provider: 'p', model: 'other', api: 'anthropic-messages', content });
    expect(own[0]?.content).toHaveLength(2);
    expect(foreign[0]?.content).toHaveLength(1);
  });
});
