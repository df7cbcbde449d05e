import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SessionEvents } from '../sessions/index.js';
import { systemClock } from '../shared/clock.js';
import { silentLogger } from '../shared/logger.js';
import { createChatMethods } from './chat-methods.js';
import { Bench, caller, says, scriptedModels } from './testing/bench.js';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open({ script: says('ok') });
});
afterEach(() => bench.remove());

const context = {
  caller: caller('c'),
  signal: new AbortController().signal,
  log: silentLogger,
  acknowledge: () => undefined,
};

function chatMethods(onCommand: () => Promise<void>) {
  const models = scriptedModels(says('ok'));
  const events = new SessionEvents({
    broadcast: () => undefined,
    onConnectionClosed: () => undefined,
    defaults: (agentId) => models.defaults(agentId),
    clock: systemClock,
  });
  const { store, runs } = bench;
  return createChatMethods({ config: () => ({}), store, events, models, runs, clock: systemClock, onCommand });
}

describe('/new that is sent again while it is carried out', () => {
  it('begins anew once, and its message is answered once', async () => {
    let heard = 0;
    let finish: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const methods = chatMethods(() => {
      heard += 1;
      return slow;
    });
    const lives: string[] = [];
    await bench.store.findOrCreate('agent:main:main', 'main');
    bench.store.onLife(({ reason }) => lives.push(reason));
    const params = { sessionKey: 'main', message: '/new hello', idempotencyKey: 'r1' };
    const sent = [methods['chat.send'](params, context), methods['chat.send'](params, context)];
    finish();
    expect(await Promise.all(sent)).toEqual([
      { runId: 'r1', status: 'started' },
      { runId: 'r1', status: 'started' },
    ]);
    await bench.ended('r1');
    expect(heard).toBe(1);
    expect(lives).toEqual(['new']);
    expect(bench.endsOf('r1').map(({ state }) => state)).toEqual(['final']);
    expect(await bench.history()).toHaveLength(2);
  });
});
