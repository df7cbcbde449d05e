import { afterEach, describe, expect, it, vi } from 'vitest';
import { createMemoryStore } from '../../data/storage.js';
import { createScriptedGateway } from '../../testing/scripted-gateway.js';
import { createTestWindow, type TestWindow } from '../../testing/window-services.js';
import { answerText } from './rows.js';

const KEY = 'agent:main:main';
const text = (value: string) => [{ type: 'text', text: value }];
const windows: TestWindow[] = [];

function open(...args: Parameters<typeof createTestWindow>): TestWindow {
  const made = createTestWindow(...args);
  windows.push(made);
  return made;
}

afterEach(() => windows.splice(0).forEach((made) => made.stop()));

function sketch({ services }: TestWindow, key = KEY): string[] {
  return services.chats
    .open(key)
    .store.getState()
    .timeline.rows.map((row) => {
      if (row.kind === 'user') return `user:${row.text}:${row.state}`;
      return row.kind === 'answer' ? `answer:${answerText(row)}:${row.phase}` : 'note';
    });
}

function end({ far }: TestWindow, runId: string, value = 'ok'): void {
  far.emit('chat', {
    runId,
    sessionKey: KEY,
    seq: 9,
    state: 'final',
    message: { role: 'assistant', content: text(value) },
  });
}

async function openConnected(): Promise<TestWindow> {
  const made = open();
  await made.connect();
  made.services.chats.open(KEY);
  await vi.waitFor(() => expect(made.services.chats.open(KEY).store.getState().timeline.loaded).toBe(true));
  return made;
}

describe('conversations', () => {
  it('sends a message and shows the answer as it arrives', async () => {
    const made = await openConnected();
    made.services.chats.send(KEY, 'hi');
    await vi.waitFor(() => expect(sketch(made)).toEqual(['user:hi:sent', 'answer::waiting']));
    expect(made.far.sent('chat.send')).toEqual([{ sessionKey: KEY, message: 'hi', idempotencyKey: 'id-1' }]);
    made.far.emit('agent', {
      runId: 'id-1',
      stream: 'assistant',
      data: { text: 'He' },
      sessionKey: KEY,
      seq: 2,
      ts: 1,
    });
    await vi.waitFor(() => expect(sketch(made)[1]).toBe('answer:He:streaming'));
    end(made, 'id-1', 'Hello');
    await vi.waitFor(() => expect(sketch(made)[1]).toBe('answer:Hello:done'));
    expect(made.services.outbox.items(KEY)).toEqual([]);
  });

  it('sends queued messages one after another, in order, each once', async () => {
    const made = await openConnected();
    for (const word of ['one', 'two', 'three']) made.services.chats.send(KEY, word);
    await vi.waitFor(() => expect(made.far.sent('chat.send')).toHaveLength(1));
    expect(made.services.outbox.items(KEY).map((item) => item.text)).toContain('two');
    end(made, 'id-1');
    await vi.waitFor(() => expect(made.far.sent('chat.send')).toHaveLength(2));
    end(made, 'id-2');
    await vi.waitFor(() => expect(made.far.sent('chat.send')).toHaveLength(3));
    expect(made.far.sent('chat.send').map((params) => params.message)).toEqual(['one', 'two', 'three']);
  });

  it('waits with a message until the gateway is there', async () => {
    const made = open();
    made.services.chats.open(KEY);
    made.services.chats.send(KEY, 'early');
    expect(made.services.outbox.items(KEY)).toHaveLength(1);
    await made.connect();
    await vi.waitFor(() => expect(made.far.sent('chat.send').map((params) => params.message)).toEqual(['early']));
  });

  it('sends what a reload left in the queue, under the same key', async () => {
    const store = createMemoryStore();
    const before = open(createScriptedGateway(), store);
    before.services.chats.send(KEY, 'kept');
    const after = open(createScriptedGateway(), store);
    await after.connect();
    await vi.waitFor(() =>
      expect(after.far.sent('chat.send')).toMatchObject([{ message: 'kept', idempotencyKey: 'id-1' }]),
    );
  });

  it('sends again under the same key when the connection broke before the answer', async () => {
    const made = await openConnected();
    made.far.answers['chat.send'] = () => new Promise(() => undefined);
    made.services.chats.send(KEY, 'hi');
    await vi.waitFor(() => expect(made.far.sent('chat.send')).toHaveLength(1));
    made.far.answers['chat.send'] = (params) => ({ payload: { runId: params.idempotencyKey, status: 'in_flight' } });
    made.far.cut();
    await vi.waitFor(() => expect(made.far.sent('chat.send')).toHaveLength(2), { timeout: 3_000 });
    const [first, second] = made.far.sent('chat.send');
    expect(second?.idempotencyKey).toBe(first?.idempotencyKey);
    await vi.waitFor(() => expect(sketch(made).filter((row) => row.startsWith('user:'))).toEqual(['user:hi:sent']));
  });

  it('says why a message was refused and sends it again on request', async () => {
    const made = await openConnected();
    made.far.answers['chat.send'] = () => ({
      error: { code: 'INVALID_REQUEST', message: 'send blocked by session policy' },
    });
    made.services.chats.send(KEY, 'hi');
    await vi.waitFor(() => expect(sketch(made)).toEqual(['user:hi:failed']));
    delete made.far.answers['chat.send'];
    made.far.answers['chat.send'] = (params) => ({ payload: { runId: params.idempotencyKey, status: 'started' } });
    made.services.chats.resend(KEY, 'id-1');
    await vi.waitFor(() => expect(sketch(made)).toEqual(['user:hi:sent', 'answer::waiting']));
    expect(made.far.sent('chat.send').at(-1)?.idempotencyKey).toBe('id-2');
  });

  it('stops the run that is active', async () => {
    const made = await openConnected();
    made.services.chats.send(KEY, 'hi');
    await vi.waitFor(() => expect(sketch(made)[1]).toBe('answer::waiting'));
    made.services.chats.stop(KEY);
    await vi.waitFor(() => expect(made.far.sent('chat.abort')).toEqual([{ sessionKey: KEY, runId: 'id-1' }]));
    made.far.emit('chat', { runId: 'id-1', sessionKey: 'main', seq: 3, state: 'aborted', stopReason: 'rpc' });
    await vi.waitFor(() => expect(sketch(made)[1]).toBe('answer::stopped'));
  });

  it('fetches again after missed events', async () => {
    const made = await openConnected();
    const before = made.far.sent('chat.history').length;
    made.far.answers['chat.history'] = () => ({
      payload: {
        sessionKey: KEY,
        messages: [{ role: 'user', content: 'from afar', timestamp: Date.now(), __openclaw: { id: 'u1', seq: 1 } }],
      },
    });
    made.far.emit('tick', { ts: 1 });
    made.far.emit('tick', { ts: 1 });
    made.services.gateway.onGap(() => undefined);
    made.far.cut();
    await vi.waitFor(() => expect(made.far.sent('chat.history').length).toBeGreaterThan(before), { timeout: 3_000 });
    await vi.waitFor(() => expect(sketch(made)).toEqual(['user:from afar:sent']));
  });

  it('says that an answer was interrupted when another gateway process answers', async () => {
    const made = await openConnected();
    made.services.chats.send(KEY, 'hi');
    await vi.waitFor(() => expect(sketch(made)[1]).toBe('answer::waiting'));
    made.far.uptimeMs = 0;
    made.far.answers['chat.history'] = () => ({
      payload: {
        sessionKey: KEY,
        messages: [
          {
            role: 'user',
            content: 'hi',
            timestamp: Date.now(),
            idempotencyKey: 'id-1',
            __openclaw: { id: 'u1', seq: 1 },
          },
        ],
      },
    });
    made.far.cut();
    await vi.waitFor(() => expect(sketch(made)).toEqual(['user:hi:sent', 'answer::failed']), { timeout: 3_000 });
  });

  it('hears events under the short name of the main session', async () => {
    const made = await openConnected();
    made.far.emit('chat', {
      runId: 'x',
      sessionKey: 'main',
      seq: 1,
      state: 'final',
      message: { role: 'assistant', content: text('hey') },
    });
    await vi.waitFor(() => expect(sketch(made)).toEqual(['answer:hey:done']));
  });

  it('says why a conversation could not be loaded', async () => {
    const made = open();
    await made.connect();
    made.far.answers['chat.history'] = () => ({ error: { code: 'UNAVAILABLE', message: 'disk on fire' } });
    const chat = made.services.chats.open(KEY);
    await vi.waitFor(() => expect(chat.store.getState().loadFailure?.message).toBe('disk on fire'));
  });
});

describe('while an answer is written', () => {
  const speak = (made: TestWindow, runId: string, value: string, seq = 2) =>
    made.far.emit('agent', { runId, stream: 'assistant', data: { text: value }, sessionKey: KEY, seq, ts: 1 });

  async function answering(queueMode?: string): Promise<TestWindow> {
    const row = { key: KEY, kind: 'direct' as const, ...(queueMode && { queueMode }) };
    const made = open(createScriptedGateway([row]));
    await made.connect();
    await vi.waitFor(() => expect(made.services.chats.open(KEY).store.getState().timeline.loaded).toBe(true));
    made.services.chats.send(KEY, 'first');
    await vi.waitFor(() => expect(made.far.sent('chat.send')).toHaveLength(1));
    speak(made, 'id-1', 'Well');
    await vi.waitFor(() => expect(sketch(made)[1]).toBe('answer:Well:streaming'));
    return made;
  }
  const texts = (made: TestWindow) => made.far.sent('chat.send').map((params) => params.message);

  it.each(['steer', 'steer-backlog', 'steer+backlog'])('sends into it at once with %s', async (mode) => {
    const made = await answering(mode);
    made.services.chats.send(KEY, 'and this');
    await vi.waitFor(() => expect(texts(made)).toEqual(['first', 'and this']));
    await vi.waitFor(() => expect(made.services.outbox.items(KEY)).toEqual([]));
    expect(sketch(made)).toEqual(['user:first:sent', 'answer:Well:streaming', 'user:and this:sent']);
    end(made, 'id-1', 'Well done');
    made.far.emit('chat', { runId: 'id-2', sessionKey: KEY, seq: 1, state: 'final' });
    await vi.waitFor(() => expect(sketch(made)[1]).toBe('answer:Well done:done'));
    expect(sketch(made)).toHaveLength(3);
    expect(made.services.sessions.isRunning(KEY)).toBe(false);
  });

  it('sends at once what stops it by the mode of the conversation', async () => {
    const made = await answering('interrupt');
    made.services.chats.send(KEY, 'rather this');
    await vi.waitFor(() => expect(texts(made)).toEqual(['first', 'rather this']));
    await vi.waitFor(() => expect(sketch(made).at(-1)).toBe('answer::waiting'));
  });

  it.each([undefined, 'followup', 'collect', 'queue'])('holds messages with %s', async (mode) => {
    const made = await answering(mode);
    made.services.chats.send(KEY, 'later');
    expect(made.services.outbox.items(KEY)).toMatchObject([{ text: 'later', state: 'waiting' }]);
    expect(texts(made)).toEqual(['first']);
    end(made, 'id-1');
    await vi.waitFor(() => expect(texts(made)).toEqual(['first', 'later']));
  });

  it('lets the word that stops it pass those that wait', async () => {
    const made = await answering();
    made.far.answers['chat.send'] = () => ({ payload: { ok: true, aborted: true, runIds: ['id-1'] } });
    made.services.chats.send(KEY, 'later');
    made.services.chats.send(KEY, '/stop');
    await vi.waitFor(() => expect(texts(made)).toEqual(['first', '/stop']));
    await vi.waitFor(() => expect(made.services.outbox.items(KEY).map((item) => item.text)).toEqual(['later']));
    expect(sketch(made)).toEqual(['user:first:sent', 'answer:Well:streaming']);
  });
});
