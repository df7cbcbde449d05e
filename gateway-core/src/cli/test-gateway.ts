// Test double: a gateway on a real socket that answers with canned payloads.
import { createPublicKey, verify } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { type ConnectParams, deviceSignaturePayload } from '../protocol/index.js';

export const TEST_TOKEN = 'tok-test-123456789012345678';

interface Asked {
  method: string;
  params: Record<string, unknown> | undefined;
}

/** Throw it to answer `ok: false`. */
export class Refusal extends Error {
  constructor(
    readonly error: { code: string; message: string; details?: unknown },
    readonly payload?: unknown,
  ) {
    super(error.message);
  }
}

type Answer = (params: Record<string, unknown>, reply: (payload: unknown) => void, socket: WebSocket) => unknown;

export interface TestGateway {
  port: number;
  url: string;
  connects: ConnectParams[];
  asked: Asked[];
  answers: Record<string, Answer>;
  /** Cuts every connection. */
  cut(): void;
  stop(): Promise<void>;
}

function hello(params: ConnectParams, methods: string[]): unknown {
  return {
    type: 'hello-ok',
    protocol: Math.min(params.maxProtocol, 4),
    server: { version: '2026.11.21', connId: 'conn' },
    features: { methods, events: [] },
    snapshot: { presence: [], health: {}, stateVersion: { presence: 0, health: 0 }, uptimeMs: 1 },
    ...(params.device && { auth: { deviceToken: 'device-token-1', role: 'operator', scopes: params.scopes ?? [] } }),
    policy: { maxPayload: 26_214_400, maxBufferedBytes: 52_428_800, tickIntervalMs: 30_000 },
  };
}

/** True when the device of `params` signed the v3 payload with this nonce. */
export function signatureFits(
  { device, client, role = 'operator', scopes = [], auth }: ConnectParams,
  nonce: string,
): boolean {
  if (!device) return false;
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: device.publicKey }, format: 'jwk' });
  const payload = deviceSignaturePayload('v3', {
    deviceId: device.id,
    clientId: client.id,
    clientMode: client.mode,
    role,
    scopes,
    signedAtMs: device.signedAt,
    token: auth?.token ?? auth?.deviceToken ?? '',
    nonce,
    platform: client.platform,
    deviceFamily: client.deviceFamily,
  });
  return verify(null, Buffer.from(payload), key, Buffer.from(device.signature, 'base64url'));
}

const NONCE = 'nonce-of-the-test-gateway';

function admit(params: ConnectParams): void {
  if (params.auth?.token !== TEST_TOKEN) {
    const message = 'unauthorized: gateway token mismatch (set gateway.remote.token to match gateway.auth.token)';
    throw new Refusal({ code: 'INVALID_REQUEST', message, details: { code: 'AUTH_TOKEN_MISMATCH' } });
  }
  if (params.device && !signatureFits(params, NONCE)) {
    const details = { code: 'DEVICE_AUTH_SIGNATURE_INVALID', reason: 'device-signature' };
    throw new Refusal({ code: 'INVALID_REQUEST', message: 'device signature invalid', details });
  }
}

async function respond(gateway: TestGateway, socket: WebSocket, text: string): Promise<void> {
  const { id, method, params } = JSON.parse(text) as Asked & { id: string };
  const reply = (payload: unknown): void => socket.send(JSON.stringify({ type: 'res', id, ok: true, payload }));
  try {
    if (method === 'connect') {
      const connect = params as unknown as ConnectParams;
      gateway.connects.push(connect);
      admit(connect);
      return reply(hello(connect, Object.keys(gateway.answers)));
    }
    gateway.asked.push({ method, params });
    const answer = gateway.answers[method];
    if (!answer) throw new Refusal({ code: 'INVALID_REQUEST', message: `unknown method: ${method}` });
    const payload = await answer(params ?? {}, reply, socket);
    if (payload !== undefined) reply(payload);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    socket.send(JSON.stringify({ type: 'res', id, ok: false, error: error.error, payload: error.payload }));
    if (method === 'connect') socket.close(1008, error.message);
  }
}

export async function startTestGateway(answers: Record<string, Answer>): Promise<TestGateway> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const gateway: TestGateway = {
    port,
    url: `ws://127.0.0.1:${port}`,
    connects: [],
    asked: [],
    answers,
    cut: () => server.clients.forEach((socket) => socket.terminate()),
    async stop() {
      gateway.cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  server.on('connection', (socket) => {
    socket.send(
      JSON.stringify({ type: 'event', event: 'connect.challenge', payload: { nonce: NONCE, ts: 1_795_000_000_000 } }),
    );
    socket.on('message', (data) => void respond(gateway, socket, String(data)));
  });
  return gateway;
}
