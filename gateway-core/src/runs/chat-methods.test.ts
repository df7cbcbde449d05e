import { afterEach, describe, expect, it } from 'vitest';
import { type Message, messageText } from '../protocol/index.js';
import { Bench, caller, says, type Script } from './testing/bench.js';

const texts = (messages: Message[]) => messages.map(messageText);

const benches: Bench[] = [];

async function open(script: Script): Promise<Bench> {
  const bench = await Bench.open({ script });
  benches.push(bench);
  return bench;
}

afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.remove();
});

describe('chat', () => {
  it('refuses empty messages and attachments that are no images', async () => {
    const bench = await open(says('x'));
    await expect(bench.chat('')).rejects.toThrow('message or attachment required');
    const attachments = [{ fileName: 'report.pdf', mimeType: 'application/pdf', content: 'AAAA' }];
    const sending = bench.call('chat.send', { sessionKey: 'main', message: 'x', idempotencyKey: 'q', attachments });
    await expect(sending).rejects.toThrow('attachment report.pdf: only PNG, JPEG, GIF and WebP images');
    expect(await bench.history()).toEqual([]);
    expect(bench.runs.active()).toBe(0);
  });

  it('keeps images with the message', async () => {
    const bench = await open(says('seen'));
    const attachments = [{ mimeType: 'image/png', content: 'data:image/png;base64,AAAA' }];
    await bench.call('chat.send', { sessionKey: 'main', message: '', idempotencyKey: 'r1', attachments });
    await bench.ended('r1');
    expect((await bench.history())[0]?.content).toEqual([
      { type: 'text', text: '' },
      { type: 'image', data: 'AAAA', mimeType: 'image/png' },
    ]);
  });

  it('answers its own commands with one final under the key that was sent', async () => {
    const bench = await open(says('x'));
    expect(await bench.chat('/status', 'main', 'chat-4')).toEqual({ runId: 'chat-4', status: 'started' });
    await bench.ended('chat-4');
    expect(bench.of('chat')).toMatchObject([
      {
        runId: 'chat-4',
        sessionKey: 'main',
        seq: 1,
        state: 'final',
        message: { stopReason: 'stop', api: 'openai-responses', provider: 'openclaw', model: 'gateway-injected' },
      },
    ]);
    expect(texts(await bench.history())[0]).toBe('/status');
    await bench.chat('/model fake/fake-2', 'main', 'm1');
    await bench.ended('m1');
    const row = (await bench.call('sessions.list', {})).sessions[0];
    expect(row).toMatchObject({ modelProvider: 'fake', model: 'fake-2' });
    await bench.chat('/model nope/x', 'main', 'm2');
    await bench.ended('m2');
    expect(texts(await bench.history()).at(-1)).toContain('This model has no provider in the config.');
  });

  it('starts anew with /new, for administrators only', async () => {
    const bench = await open(says('x'));
    await bench.chat('one', 'main', 'r1');
    await bench.ended('r1');
    const writer = { caller: caller('c', ['operator.write']) };
    const params = { sessionKey: 'main', message: '/new', idempotencyKey: 'n1' };
    await expect(bench.call('chat.send', params, writer)).rejects.toThrow('missing scope: operator.admin');
    await bench.chat('/new hello again', 'main', 'n2');
    await bench.ended('n2');
    expect(texts(await bench.history())).toEqual(['hello again', 'x']);
  });

  it('injects a note', async () => {
    const bench = await open(says('x'));
    await bench.chat('one', 'main', 'r1');
    await bench.ended('r1');
    const params = { sessionKey: 'main', message: 'injected note', label: 'L' };
    const { messageId } = await bench.call('chat.inject', params);
    expect(bench.of('chat').at(-1)).toMatchObject({
      runId: `inject-${messageId}`,
      sessionKey: 'main',
      seq: 0,
      state: 'final',
      message: { content: [{ type: 'text', text: '[L]\n\ninjected note' }] },
    });
    expect(texts(await bench.history()).at(-1)).toBe('[L]\n\ninjected note');
  });
});
