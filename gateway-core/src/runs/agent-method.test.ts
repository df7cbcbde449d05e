import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../shared/app-error.js';
import { Bench, caller, hangsAfter, says, type Script, START } from './testing/bench.js';

const benches: Bench[] = [];

async function open(script: Script): Promise<Bench> {
  const bench = await Bench.open({ script });
  benches.push(bench);
  return bench;
}

afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.remove();
});

describe('agent', () => {
  it('answers twice, and the same final to the same id', async () => {
    const bench = await open(says('Hello from fake model.'));
    const acks: unknown[] = [];
    const params = { message: 'hi there', sessionKey: 'main', idempotencyKey: 'run-a1' };
    const final = await bench.call('agent', params, { acks });
    expect(acks).toEqual([{ runId: 'run-a1', status: 'accepted', acceptedAt: expect.any(Number) as number }]);
    expect(final).toMatchObject({
      runId: 'run-a1',
      status: 'ok',
      summary: 'completed',
      result: {
        payloads: [{ text: 'Hello from fake model.', mediaUrl: null }],
        meta: {
          agentMeta: {
            provider: 'fake',
            model: 'fake-1',
            usage: { input: 10, output: 5, total: 15 },
            lastCallUsage: { input: 10, output: 5, cacheRead: 0, cacheWrite: 0, total: 15 },
            promptTokens: 10,
          },
          aborted: false,
          stopReason: 'stop',
        },
      },
    });
    expect(await bench.call('agent', params, { acks })).toEqual(final);
    expect(acks).toHaveLength(1);
    expect(await bench.call('agent.wait', { runId: 'run-a1' })).toMatchObject({ runId: 'run-a1', status: 'ok' });
    expect(await bench.call('agent.wait', { runId: 'no-such-run', timeoutMs: 5 })).toEqual({
      runId: 'no-such-run',
      status: 'timeout',
    });
  });

  it('repeats the acknowledgement while the run is under way, and waits for runs that come later', async () => {
    const bench = await open(hangsAfter('x'));
    const waiting = bench.call('agent.wait', { runId: 'later', timeoutMs: 5000 });
    const final = bench.call('agent', { message: 'x', agentId: 'main', idempotencyKey: 'later' });
    await bench.until(() => bench.of('chat').length > 0);
    const repeat = await bench.call('agent', { message: 'x', agentId: 'main', idempotencyKey: 'later' });
    expect(repeat).toMatchObject({ runId: 'later', status: 'accepted' });
    await bench.call('chat.abort', { sessionKey: 'main' });
    expect(await final).toMatchObject({ status: 'ok', result: { meta: { aborted: true, stopReason: 'rpc' } } });
    expect(await waiting).toMatchObject({ status: 'error' });
  });

  it.each([
    [{ agentId: 'nope' }, 'invalid agent params: unknown agent id "nope"'],
    [{ sessionKey: 'agent:bad' }, 'invalid agent params: malformed session key "agent:bad"'],
    [{ channel: 'nope' }, 'invalid agent params: unknown channel: nope'],
    [{ sessionKey: 'main', deliver: true }, 'Error: Channel is required (no configured channels detected).'],
    [
      { sessionKey: 'agent:b:x', agentId: 'main' },
      'invalid agent params: agent "main" does not match session key agent "b"',
    ],
    [{ sessionId: 'unknown' }, 'No session found: unknown'],
  ])('refuses %j', async (params, message) => {
    const bench = await open(says('x'));
    await expect(bench.call('agent', { message: 'x', idempotencyKey: 'q', ...params })).rejects.toThrow(
      new AppError('request.invalid', { message }),
    );
  });

  it('refuses overrides and resets without the admin scope', async () => {
    const bench = await open(says('x'));
    const options = { caller: caller('c', ['operator.write']) };
    const base = { agentId: 'main', idempotencyKey: 'q' };
    await expect(bench.call('agent', { ...base, message: 'x', model: 'm' }, options)).rejects.toThrow(
      'provider/model overrides are not authorized for this caller.',
    );
    await expect(bench.call('agent', { ...base, message: '/new' }, options)).rejects.toThrow(
      'missing scope: operator.admin',
    );
  });

  it('without a conversation is accepted and then fails with a payload', async () => {
    const bench = await open(says('x'));
    const acks: unknown[] = [];
    const text = 'Error: Pass --to <E.164>, --session-id, or --agent to choose a session';
    const failure = bench.call('agent', { message: 'x', idempotencyKey: 'q' }, { acks });
    await expect(failure).rejects.toMatchObject({
      message: text,
      payload: { runId: 'q', status: 'error', summary: text },
    });
    expect(acks).toHaveLength(1);
  });

  it('gives the error of a failing provider as its text', async () => {
    const bench = await open(async function* () {
      yield START;
      throw new AppError('model.server_error', { message: '500 fake boom' });
    });
    const final = await bench.call('agent', { message: 'x', sessionKey: 'agent:main:fail1', idempotencyKey: 'run-f1' });
    expect(final).toMatchObject({
      status: 'ok',
      summary: 'completed',
      result: { payloads: [{ text: '500 fake boom', mediaUrl: null }], meta: { aborted: false, stopReason: 'error' } },
    });
    expect(bench.endsOf('run-f1')).toMatchObject([{ state: 'error', errorMessage: '500 fake boom' }]);
    expect(await bench.call('agent.wait', { runId: 'run-f1' })).toMatchObject({ status: 'ok' });
  });
});
