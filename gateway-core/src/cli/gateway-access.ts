// Opens one connection for one command, and says what went wrong when it cannot.
import { randomUUID } from 'node:crypto';
import {
  type ClientTimers,
  type DeviceAuth,
  GatewayClient,
  GatewayClosedError,
  GatewayRequestError,
  GatewayTimeoutError,
  isLoopbackUrl,
  wrapWebSocket,
} from '../client/index.js';
import { type ClientId, type ClientMode, type HelloOk, OPERATOR_SCOPES } from '../protocol/index.js';
import { AppError, errorMessage } from '../shared/app-error.js';
import { APP_VERSION } from '../shared/version.js';
import type { CommandContext } from './context.js';
import { loadDeviceIdentity, readDeviceToken, storeDeviceAuth } from './device-files.js';
import { openSocket } from './open-socket.js';
import { type GatewayTarget, isOwnGateway } from './target.js';

interface Profile {
  id: ClientId;
  mode: ClientMode;
  scopes: readonly string[];
}

/** How commands introduce themselves (spec/interop.md §2). */
const PROFILES = {
  cli: { id: 'cli', mode: 'cli', scopes: OPERATOR_SCOPES },
  probe: { id: 'cli', mode: 'probe', scopes: ['operator.read'] },
  backend: { id: 'gateway-client', mode: 'backend', scopes: ['operator.read'] },
} satisfies Record<string, Profile>;

export interface AccessOptions {
  target: GatewayTarget;
  profile: keyof typeof PROFILES;
  /** For connecting, and for each request unless it says otherwise. */
  timeoutMs: number;
}

export interface GatewaySession {
  client: GatewayClient;
  hello: HelloOk;
  /** From opening the socket to hello-ok. */
  connectMs: number;
}

/** The gateway could not be reached, refused, or went away. */
export class GatewayAccessError extends AppError {
  constructor(
    readonly target: GatewayTarget,
    override readonly cause: GatewayClosedError | GatewayTimeoutError,
  ) {
    const refused = cause.cause instanceof GatewayRequestError;
    const unreachable = cause instanceof GatewayClosedError && cause.closeCode === 1006;
    const closed = refused ? 'gateway.refused' : unreachable ? 'gateway.unreachable' : 'gateway.closed';
    super(cause instanceof GatewayTimeoutError ? 'gateway.timeout' : closed, { message: cause.message, cause });
  }

  /** What the gateway said when it refused. */
  get refusal(): GatewayRequestError | undefined {
    return this.cause.cause instanceof GatewayRequestError ? this.cause.cause : undefined;
  }
}

// Unlike `systemClock`, these keep the process alive: a command that waits must not end.
const timers: ClientTimers = {
  now: () => Date.now(),
  after(delayMs, run) {
    const handle = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Device tokens go to this computer, or to a gateway whose certificate is pinned. */
function isTrustedEnd({ url, tlsFingerprint }: GatewayTarget): boolean {
  return isLoopbackUrl(url) || (url.startsWith('wss:') && tlsFingerprint !== undefined);
}

/** The certificate of our own gateway lies on this disk; with it a self-signed one needs no authority. */
async function withOwnPin(context: CommandContext, target: GatewayTarget): Promise<GatewayTarget> {
  if (target.tlsFingerprint !== undefined || !target.url.startsWith('wss:')) return target;
  const { config, env } = await context.config();
  if (!isOwnGateway(target.url, env, config)) return target;
  const { readTlsFingerprint } = await import('../tls/index.js');
  const { stateDir, home } = context.paths;
  const tlsFingerprint = await readTlsFingerprint({ config, stateDir, home });
  return tlsFingerprint === undefined ? target : { ...target, tlsFingerprint };
}

interface ClientWithSaves {
  client: GatewayClient;
  /** Resolves when a newly issued device token is on disk. */
  saved(): Promise<void>;
}

async function createClient(context: CommandContext, access: AccessOptions): Promise<ClientWithSaves> {
  const { timeoutMs } = access;
  const target = await withOwnPin(context, access.target);
  const { stateDir } = context.paths;
  const { scopes, ...who } = PROFILES[access.profile];
  const identity = await loadDeviceIdentity(stateDir, context.host.now());
  const role = 'operator';
  const stored =
    identity && isTrustedEnd(target) ? await readDeviceToken(stateDir, identity.deviceId, role) : undefined;
  let saving = Promise.resolve();
  const remember = (auth: DeviceAuth | undefined): void => {
    if (!identity) return;
    const save = () =>
      storeDeviceAuth({ stateDir, deviceId: identity.deviceId, role, auth, nowMs: context.host.now() });
    saving = saving
      .then(save)
      .catch((error: unknown) => context.err(`The device token was not saved: ${errorMessage(error)}`));
  };
  const client = new GatewayClient({
    url: target.url,
    transport: (url) => wrapWebSocket(openSocket(url, target.tlsFingerprint)),
    client: { ...who, version: APP_VERSION, platform: context.host.platform, instanceId: randomUUID() },
    role,
    scopes,
    auth: { token: target.token, password: target.password, deviceToken: stored },
    identity,
    timers,
    random: Math.random,
    onDeviceAuth: remember,
    requestTimeoutMs: timeoutMs,
    // Our own timer below is the one that people hear about.
    handshakeTimeoutMs: timeoutMs + 1_000,
  });
  return { client, saved: () => saving };
}

function readyWithin(client: GatewayClient, timeoutMs: number): Promise<HelloOk> {
  return new Promise((resolve, reject) => {
    const timer = timers.after(timeoutMs, () => reject(new GatewayTimeoutError(timeoutMs)));
    client
      .ready()
      .finally(() => timer.cancel())
      .then(resolve, reject);
  });
}

/**
 * Connects, runs `work`, disconnects. Throws GatewayAccessError when the gateway is unreachable, refuses, closes or
 * does not answer in time; GatewayRequestError when it answers with an error.
 */
export async function withGateway<T>(
  context: CommandContext,
  access: AccessOptions,
  work: (session: GatewaySession) => Promise<T>,
): Promise<T> {
  const { client, saved } = await createClient(context, access);
  const startedMs = performance.now();
  client.start();
  try {
    const hello = await readyWithin(client, access.timeoutMs);
    return await work({ client, hello, connectMs: Math.round(performance.now() - startedMs) });
  } catch (error) {
    if (error instanceof GatewayClosedError || error instanceof GatewayTimeoutError) {
      throw new GatewayAccessError(access.target, error);
    }
    throw error;
  } finally {
    client.stop();
    await saved();
  }
}
