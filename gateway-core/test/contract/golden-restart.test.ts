// The recorded conversation about a config change, the restart after it, and the stop at the end (golden/07).
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectParams, events, exchanges, type GoldenLine, readGolden, shapeFaults } from './golden.js';
import { type GoldenStage, RECORDED, startGoldenStage } from './golden-stage.js';
import type { RawClient } from './raw-client.js';
import { createTestDevice, join } from './test-device.js';

const lines = readGolden('07-config-write-restart-shutdown');
const noteAt = (note: string): number => lines.findIndex((line) => line.dir === 'note' && line.note === note);
const reading = lines.slice(0, noteAt('config.patch -> restart'));
const restarting = lines.slice(noteAt('config.patch -> restart'), noteAt('SIGTERM'));
const stopping = lines.slice(noteAt('SIGTERM'));

const recordedAnswer = (from: GoldenLine[], id: string) =>
  exchanges(from).find(({ request }) => request.id === id)?.responses[0]?.payload as Record<string, unknown>;
const recordedShutdown = (from: GoldenLine[]) => events(from).find(({ event }) => event === 'shutdown')?.payload;
const recordedClose = (from: GoldenLine[]) => {
  const close = from.find((line) => line.dir === 'close');
  return close?.dir === 'close' && { code: close.code, reason: close.reason };
};

/** Everything but the contents of the config, which are another host's. */
function withoutConfig(payload: Record<string, unknown>): Record<string, unknown> {
  const contents = ['parsed', 'resolved', 'config'].filter((key) => key in payload);
  return { ...payload, ...Object.fromEntries(contents.map((key) => [key, {}])) };
}

describe('a config change over the wire', () => {
  let stage: GoldenStage;
  let client: RawClient;
  const device = createTestDevice();
  const enter = (): Promise<RawClient> => {
    const { client: who, scopes } = connectParams(lines);
    return join({ url: stage.gateway.url, device, auth: { token: RECORDED.token }, client: who, scopes });
  };
  beforeAll(async () => {
    stage = await startGoldenStage();
    client = await enter();
  });
  afterAll(() => stage.stop());

  const patch = async (raw: string) => {
    const { hash } = (await client.call('config.get', {})).payload as { hash: string };
    const { request } = exchanges(restarting)[0] ?? {};
    expect(request?.method).toBe('config.patch');
    const { payload, error } = await client.call('config.patch', {
      ...(request?.params as object),
      raw,
      baseHash: hash,
    });
    expect(error).toBeUndefined();
    return payload as Record<string, unknown>;
  };

  it('config.get answers in the recorded shape, without secrets', async () => {
    const golden = recordedAnswer(reading, 'r1');
    const { payload } = await client.call('config.get', {});
    const ours = payload as Record<string, unknown>;
    expect(shapeFaults(withoutConfig(golden), withoutConfig(ours))).toEqual([]);
    const hidden = { gateway: { auth: { mode: 'token', token: '__OPENCLAW_REDACTED__' } } };
    for (const part of [golden.parsed, golden.config, ours.parsed, ours.config]) expect(part).toMatchObject(hidden);
    expect(ours.raw).not.toContain(RECORDED.token);
  });

  it('the recorded patch is taken over without a restart', async () => {
    const golden = recordedAnswer(restarting, 'r2');
    const ours = await patch('{"messages":{"ackReactionScope":"all"}}');
    expect(shapeFaults({ ...withoutConfig(golden), sentinel: null, restart: {} }, { ...ours, sentinel: null })).toEqual(
      [],
    );
    expect(ours).toMatchObject({
      ok: true,
      config: { messages: { ackReactionScope: 'all' } },
      restart: { mode: 'hot' },
    });
  });

  it('a patch that needs a restart answers, says goodbye and comes back as recorded', async () => {
    const golden = recordedAnswer(restarting, 'r2');
    const back = new Promise<void>((resolve) => stage.gateway.onRestarted(resolve));
    const ours = await patch('{"gateway":{"channelHealthCheckMinutes":7,"tls":{"enabled":false}}}');
    expect(shapeFaults(withoutConfig(golden), withoutConfig(ours))).toEqual([]);
    const { pid: _pid, ...plan } = golden.restart as Record<string, unknown>;
    expect(ours.restart).toMatchObject(plan);
    const { ts: _ts, stats: _stats, ...told } = (golden.sentinel as { payload: Record<string, unknown> }).payload;
    expect((ours.sentinel as { payload: unknown }).payload).toMatchObject(told);
    expect((await client.event('shutdown')).payload).toEqual(recordedShutdown(restarting));
    expect(await client.closed()).toEqual(recordedClose(restarting));
    await back;
    client = await enter();
    expect((await client.call('health', {})).ok).toBe(true);
  });

  it('a stop is told and closes the socket as recorded', async () => {
    const stopped = stage.gateway.stop('gateway stopping');
    expect((await client.event('shutdown')).payload).toEqual(recordedShutdown(stopping));
    expect(await client.closed()).toEqual(recordedClose(stopping));
    await stopped;
  });
});
