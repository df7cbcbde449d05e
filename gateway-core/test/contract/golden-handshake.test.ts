import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectParams } from '../../src/protocol/index.js';
import { connectParams, exchanges, type GoldenCase, readGolden, shapeFaults, splitCases } from './golden.js';
import { ManualClock } from './manual-clock.js';
import { RawClient, type WireFrame } from './raw-client.js';
import { type Challenge, createTestDevice, type SignOptions, signConnect, type TestDevice } from './test-device.js';
import { startTestServer, type TestServer } from './test-server.js';

const FOREIGN_HOST = { Host: 'gw.example.com' };
/** What the recording does not show: the headers of the upgrade. */
const HEADERS: Record<string, { headers?: Record<string, string>; origin?: string }> = {
  'browser origin not allowed': { origin: 'http://evil.example' },
  'control ui loopback origin ok': { origin: 'http://127.0.0.1:18789' },
  'remote-looking host, new device -> pairing required': { headers: FOREIGN_HOST },
};
/** Recorded where only protocol 3 was spoken; we take these ranges as 4. */
const PROTOCOL_4_CASES = new Set(['protocol mismatch high', 'protocol range ok 1..9']);

const devices = new Map<string, TestDevice>();

function deviceFor(publicKey: string): TestDevice {
  const device = devices.get(publicKey) ?? createTestDevice();
  devices.set(publicKey, device);
  return device;
}

/** A case ends with its connection; the recorder may have opened the next one before the next note. */
function untilClose(golden: GoldenCase): GoldenCase {
  const end = golden.lines.findIndex(({ dir }) => dir === 'close');
  return end === -1 ? golden : { ...golden, lines: golden.lines.slice(0, end + 1) };
}

function recordedChallenge(lines: GoldenCase['lines']): Challenge {
  const line = lines.find((entry) => entry.dir === 'in' && entry.frame.event === 'connect.challenge');
  if (line?.dir !== 'in') throw new Error('the recording has no challenge');
  return line.frame.payload as Challenge;
}

/** The recorded `connect`, with our key and this challenge; wrong nonces, times and ids stay wrong in the same way. */
function resign(golden: GoldenCase, params: ConnectParams, challenge: Challenge): ConnectParams {
  const { device, ...plain } = params;
  if (!device) return params;
  const recorded = recordedChallenge(golden.lines);
  const options: SignOptions = {
    version: golden.name.startsWith('v2') ? 'v2' : 'v3',
    signedAt: challenge.ts + (device.signedAt - recorded.ts),
    nonce: device.nonce === recorded.nonce ? challenge.nonce : device.nonce,
    ...(device.id.length < 64 && { id: device.id }),
  };
  const signed = signConnect(plain, deviceFor(device.publicKey), challenge, options);
  if (golden.name !== 'bad signature' || !signed.device) return signed;
  return { ...signed, device: { ...signed.device, signature: Buffer.alloc(64, 7).toString('base64url') } };
}

function withoutIds(error: WireFrame['error']): unknown {
  if (!error?.details?.requestId) return error;
  return { ...error, details: { ...error.details, requestId: 'uuid' } };
}

describe('the recorded handshakes', () => {
  let gateway: TestServer;
  beforeAll(async () => {
    gateway = await startTestServer({ checkOutput: true });
  });
  afterAll(async () => {
    await gateway.stop();
  });

  async function open(golden: GoldenCase): Promise<{ client: RawClient; challenge: Challenge }> {
    const client = await RawClient.open(gateway.url, HEADERS[golden.name]);
    const challenge = (await client.event('connect.challenge')).payload as Challenge;
    return { client, challenge };
  }

  function send(golden: GoldenCase, client: RawClient, challenge: Challenge): void {
    const out = golden.lines.find((line) => line.dir === 'out');
    if (out?.dir !== 'out') return;
    if ('raw' in out) {
      // The recording cuts long texts.
      const isCut = out.raw.includes('…(');
      client.sendRaw(
        isCut ? JSON.stringify({ type: 'req', id: '1', method: 'connect', pad: 'x'.repeat(70_000) }) : out.raw,
      );
    } else if (out.frame.method === 'connect') {
      client.send({ ...out.frame, params: resign(golden, out.frame.params as ConnectParams, challenge) });
    } else {
      client.send(out.frame);
    }
  }

  const cases = splitCases(readGolden('03-handshake-errors'))
    .map(untilClose)
    .filter(({ name, lines }) => lines.some(({ dir }) => dir === 'out') && !name.startsWith('post-connect'));

  // The first device must be known before the cases that change what it asks.
  it.each(cases.map((golden) => [golden.name, golden] as const))('%s', async (name, golden) => {
    const { client, challenge } = await open(golden);
    send(golden, client, challenge);
    const first = exchanges(golden.lines)[0];
    const recorded = first?.responses[0];
    if (recorded?.ok || PROTOCOL_4_CASES.has(name)) {
      const answer = await client.response(recorded?.id ?? 'r1');
      expect(answer.error).toBeUndefined();
      expect(answer.payload).toMatchObject({ type: 'hello-ok', protocol: PROTOCOL_4_CASES.has(name) ? 4 : 3 });
      await replayRest(client, golden);
      await client.close();
      return;
    }
    if (recorded) {
      const answer = await client.response(recorded.id ?? '');
      expect(answer.ok).toBe(false);
      expect(withoutIds(answer.error)).toEqual(withoutIds(recorded.error));
    }
    const close = golden.lines.find((line) => line.dir === 'close');
    expect(await client.closed()).toEqual(close?.dir === 'close' && { code: close.code, reason: close.reason });
  });

  async function replayRest(client: RawClient, golden: GoldenCase): Promise<void> {
    for (const { request, responses } of exchanges(golden.lines).slice(1)) {
      const answer = await client.call(request.method, request.params);
      expect(answer.error).toEqual(responses[0]?.error);
      expect(shapeFaults(responses[0]?.payload, answer.payload)).toEqual([]);
    }
  }

  it('answers the recorded frames that are malformed after the handshake', async () => {
    const golden = splitCases(readGolden('03-handshake-errors')).find(({ name }) => name.startsWith('post-connect'));
    const client = await RawClient.open(gateway.url);
    const challenge = (await client.event('connect.challenge')).payload as Challenge;
    const { device: _device, ...plain } = connectParams(readGolden('01-handshake'));
    client.send({
      type: 'req',
      id: 'connect',
      method: 'connect',
      params: signConnect(plain, createTestDevice(), challenge),
    });
    expect((await client.response('connect')).ok).toBe(true);
    for (const line of golden?.lines ?? []) {
      if (line.dir !== 'out') continue;
      // The recorder kept talking while the gateway was closing.
      if ('frame' in line && ['r13', 'r14'].includes(line.frame.id)) continue;
      client.sendRaw('raw' in line ? line.raw : JSON.stringify(line.frame));
    }
    const recorded = (golden?.lines ?? []).flatMap((line) => (line.dir === 'in' ? [line.frame] : []));
    for (const frame of recorded) expect(await client.next(({ type }) => type === 'res')).toEqual(frame);
    expect(await client.closed()).toEqual({ code: 1008, reason: 'repeated unauthorized calls' });
  });
});

describe('hello-ok', () => {
  it('has the recorded shape and literals', async () => {
    const gateway = await startTestServer({ checkOutput: true });
    const lines = readGolden('01-handshake');
    const recorded = exchanges(lines)[0]?.responses[0]?.payload;
    const client = await RawClient.open(gateway.url);
    const challenge = (await client.event('connect.challenge')).payload as Challenge;
    expect(Number.isInteger(challenge.ts)).toBe(true);
    const { device: _device, ...plain } = connectParams(lines);
    const params = signConnect(plain, createTestDevice(), challenge);
    client.send({ type: 'req', id: 'c1', method: 'connect', params });
    const { payload } = await client.response('c1');
    expect(
      shapeFaults(recorded, payload, ['canvasHostUrl', 'snapshot.updateAvailable', 'snapshot.presence.*.ip']),
    ).toEqual([]);
    const hello = payload as { auth: { scopes: string[]; deviceToken: string }; policy: unknown };
    expect(hello.policy).toEqual({ maxPayload: 26_214_400, maxBufferedBytes: 52_428_800, tickIntervalMs: 30_000 });
    expect(hello.auth.scopes).toEqual((recorded as typeof hello).auth.scopes);
    expect(hello.auth.deviceToken).toMatch(/^[\w-]{43}$/);
    const event = await client.event('health');
    const golden = lines.find((line) => line.dir === 'in' && line.frame.event === 'health');
    expect(shapeFaults(golden?.dir === 'in' && golden.frame, event)).toEqual([]);
    await client.close();
    await gateway.stop();
  });
});

describe('the handshake deadline', () => {
  it('closes a silent connection with 1000 after ten seconds', async () => {
    const clock = new ManualClock();
    const gateway = await startTestServer({ clock });
    const client = await RawClient.open(gateway.url);
    await client.event('connect.challenge');
    clock.advance(10_000);
    expect(await client.closed()).toEqual({ code: 1000, reason: '' });
    await gateway.stop();
  });
});
