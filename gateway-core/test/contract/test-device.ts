// A device with a key of its own, and `connect` requests signed with it.
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type ConnectAuth, type ConnectParams, deviceSignaturePayload } from '../../src/protocol/index.js';
import { RawClient, type RawClientOptions, type WireFrame } from './raw-client.js';

export const ALL_SCOPES = [
  'operator.admin',
  'operator.read',
  'operator.write',
  'operator.approvals',
  'operator.pairing',
];

export interface TestDevice {
  id: string;
  publicKey: string;
  privateKey: KeyObject;
}

export function createTestDevice(): TestDevice {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  return {
    id: createHash('sha256').update(raw).digest('hex'),
    publicKey: raw.toString('base64url'),
    privateKey,
  };
}

export interface Challenge {
  nonce: string;
  ts: number;
}

export interface SignOptions {
  version?: 'v2' | 'v3';
  nonce?: string;
  signedAt?: number;
  id?: string;
}

/** `params` with a `device` block that answers the challenge; options bend it for the bad cases. */
export function signConnect(
  params: ConnectParams,
  device: TestDevice,
  challenge: Challenge,
  options: SignOptions = {},
): ConnectParams {
  const signedAt = options.signedAt ?? challenge.ts;
  const nonce = options.nonce ?? challenge.nonce;
  const id = options.id ?? device.id;
  const payload = deviceSignaturePayload(options.version ?? 'v3', {
    deviceId: id,
    clientId: params.client.id,
    clientMode: params.client.mode,
    role: params.role ?? 'operator',
    scopes: params.scopes ?? [],
    signedAtMs: signedAt,
    token: params.auth?.token ?? params.auth?.deviceToken ?? params.auth?.bootstrapToken ?? '',
    nonce,
    platform: params.client.platform,
    deviceFamily: params.client.deviceFamily,
  });
  const signature = sign(null, Buffer.from(payload), device.privateKey).toString('base64url');
  return { ...params, device: { id, publicKey: device.publicKey, signature, signedAt, nonce } };
}

export interface ConnectOptions extends RawClientOptions {
  url: string;
  device?: TestDevice;
  auth?: ConnectAuth;
  role?: string;
  scopes?: string[];
  client?: Partial<ConnectParams['client']>;
  caps?: string[];
  protocol?: { min: number; max: number };
  sign?: SignOptions;
}

export interface Connected {
  client: RawClient;
  /** The answer to `connect`, good or bad. */
  answer: WireFrame;
  challenge: Challenge;
}

/** Opens a socket and sends a signed (or, without `device`, plain) `connect`. */
export async function connect(options: ConnectOptions): Promise<Connected> {
  const client = await RawClient.open(options.url, options);
  const challenge = (await client.event('connect.challenge')).payload as Challenge;
  const { min = 3, max = 3 } = options.protocol ?? {};
  const plain: ConnectParams = {
    minProtocol: min,
    maxProtocol: max,
    client: { id: 'cli', version: '1.0.0', platform: 'linux', mode: 'cli', ...options.client },
    caps: options.caps ?? [],
    role: options.role ?? 'operator',
    scopes: options.scopes ?? ALL_SCOPES,
    ...(options.auth && { auth: options.auth }),
  };
  const params = options.device ? signConnect(plain, options.device, challenge, options.sign) : plain;
  client.send({ type: 'req', id: 'connect', method: 'connect', params });
  return { client, answer: await client.response('connect'), challenge };
}

/** `connect` that must succeed. */
export async function join(options: ConnectOptions): Promise<RawClient> {
  const { client, answer } = await connect(options);
  if (!answer.ok) throw new Error(`connect was refused: ${JSON.stringify(answer.error)}`);
  return client;
}

/** The id that the gateway gave this connection. */
export function connIdOf(client: RawClient): string {
  const hello = client.received.find(({ id }) => id === 'connect')?.payload as
    { server: { connId: string } } | undefined;
  if (!hello) throw new Error('the client is not connected');
  return hello.server.connId;
}
