// connect.challenge → connect → hello-ok (spec/gateway-protocol.md §3; protocol 4: spec/interop.md §5).
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { literals } from './define.js';
import { StateVersion } from './frames.js';
import { HealthSnapshot, PresenceEntry } from './health.js';

const strict = { additionalProperties: false } as const;
const text = Type.String({ minLength: 1 });

export const CLIENT_IDS = [
  'webchat-ui',
  'openclaw-control-ui',
  'webchat',
  'cli',
  'gateway-client',
  'openclaw-macos',
  'openclaw-ios',
  'openclaw-android',
  'node-host',
  'test',
  'fingerprint',
  'openclaw-probe',
] as const;
export type ClientId = (typeof CLIENT_IDS)[number];

export const CLIENT_MODES = ['webchat', 'cli', 'ui', 'backend', 'node', 'probe', 'test'] as const;
export type ClientMode = (typeof CLIENT_MODES)[number];

export const ConnectChallenge = Type.Object({ nonce: text, ts: Type.Integer({ minimum: 0 }) });
export type ConnectChallenge = Static<typeof ConnectChallenge>;

export const ConnectClient = Type.Object(
  {
    id: literals(CLIENT_IDS),
    version: text,
    platform: text,
    mode: literals(CLIENT_MODES),
    displayName: Type.Optional(text),
    deviceFamily: Type.Optional(text),
    modelIdentifier: Type.Optional(text),
    instanceId: Type.Optional(text),
    buildId: Type.Optional(Type.String()),
  },
  strict,
);
export type ConnectClient = Static<typeof ConnectClient>;

export const ConnectDevice = Type.Object(
  {
    id: text,
    publicKey: text,
    signature: text,
    signedAt: Type.Integer({ minimum: 0 }),
    nonce: text,
  },
  strict,
);
export type ConnectDevice = Static<typeof ConnectDevice>;

export const ConnectAuth = Type.Object(
  {
    token: Type.Optional(Type.String()),
    bootstrapToken: Type.Optional(Type.String()),
    deviceToken: Type.Optional(Type.String()),
    password: Type.Optional(Type.String()),
  },
  strict,
);
export type ConnectAuth = Static<typeof ConnectAuth>;

export const ConnectParams = Type.Object(
  {
    minProtocol: Type.Integer({ minimum: 1 }),
    maxProtocol: Type.Integer({ minimum: 1 }),
    client: ConnectClient,
    caps: Type.Optional(Type.Array(text)),
    commands: Type.Optional(Type.Array(text)),
    permissions: Type.Optional(Type.Record(Type.String(), Type.Boolean())),
    pathEnv: Type.Optional(Type.String()),
    role: Type.Optional(text),
    scopes: Type.Optional(Type.Array(text)),
    device: Type.Optional(ConnectDevice),
    auth: Type.Optional(ConnectAuth),
    locale: Type.Optional(Type.String()),
    userAgent: Type.Optional(Type.String()),
  },
  strict,
);
export type ConnectParams = Static<typeof ConnectParams>;

export const HelloOk = Type.Object({
  type: Type.Literal('hello-ok'),
  protocol: Type.Integer({ minimum: 1 }),
  server: Type.Object({ version: text, connId: text }),
  features: Type.Object({ methods: Type.Array(text), events: Type.Array(text) }),
  snapshot: Type.Object({
    presence: Type.Array(PresenceEntry),
    health: Type.Union([HealthSnapshot, Type.Object({})]),
    stateVersion: StateVersion,
    uptimeMs: Type.Integer({ minimum: 0 }),
    configPath: Type.Optional(text),
    stateDir: Type.Optional(text),
    sessionDefaults: Type.Optional(
      Type.Object({ defaultAgentId: text, mainKey: text, mainSessionKey: text, scope: Type.Optional(text) }),
    ),
    authMode: Type.Optional(text),
  }),
  canvasHostUrl: Type.Optional(text),
  auth: Type.Optional(
    Type.Object({
      deviceToken: Type.Optional(text),
      role: text,
      scopes: Type.Array(text),
      issuedAtMs: Type.Optional(Type.Integer({ minimum: 0 })),
    }),
  ),
  policy: Type.Object({
    maxPayload: Type.Integer(),
    maxBufferedBytes: Type.Integer(),
    tickIntervalMs: Type.Integer(),
  }),
});
export type HelloOk = Static<typeof HelloOk>;

/** Joins the fields that a device signs (v2, v3). Missing platform or family become empty fields. */
export interface DeviceSignatureInput {
  deviceId: string;
  clientId: string;
  clientMode: string;
  role: string;
  scopes: readonly string[];
  signedAtMs: number;
  token: string;
  nonce: string;
  platform?: string;
  deviceFamily?: string;
}

function asciiLower(value: string | undefined): string {
  return (value ?? '').trim().replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** The UTF-8 text that a device signs with Ed25519 (spec/gateway-protocol.md §3.2). */
export function deviceSignaturePayload(version: 'v2' | 'v3', input: DeviceSignatureInput): string {
  const fields = [
    version,
    input.deviceId,
    input.clientId,
    input.clientMode,
    input.role,
    input.scopes.join(','),
    String(input.signedAtMs),
    input.token,
    input.nonce,
  ];
  if (version === 'v3') fields.push(asciiLower(input.platform), asciiLower(input.deviceFamily));
  return fields.join('|');
}
