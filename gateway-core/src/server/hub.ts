// All connections: from the upgrade through the handshake to the end, with presence, tick and shutdown.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { effectiveScopes } from '../devices/index.js';
import { CLOSE, LIMITS, type PresenceEntry, type StateVersion } from '../protocol/index.js';
import type { Timer } from '../shared/clock.js';
import type { ConnectedClient, MethodHandlers } from '../shared/wire.js';
import { Broadcaster } from './broadcaster.js';
import { Connection, type Member } from './connection.js';
import { Dispatcher } from './dispatch.js';
import type { Admitted, PairingNews } from './handshake/admission.js';
import type { ConnectRequest } from './handshake/first-frame.js';
import { Handshake, type HandshakeDeps } from './handshake/handshake.js';
import { buildHello } from './handshake/hello.js';
import { Outbox } from './outbox.js';
import { describePeer, type Peer } from './peer.js';
import { describeSelf, Presence } from './presence.js';
import { RateLimiter } from './rate-limiter.js';
import type { GatewayServerOptions, StopNotice } from './types.js';

/** Clients get this long to answer our close before their sockets are cut. */
const STOP_GRACE_MS = 100;

export class Hub {
  readonly connections = new Map<string, Connection>();
  readonly broadcaster: Broadcaster;
  readonly startedAtMs: number;
  /** Counts wrong secrets of clients that are not browsers; absent unless gateway.auth.rateLimit is set. */
  readonly directLimiter: RateLimiter | undefined;
  readonly #options: GatewayServerOptions;
  readonly #stateVersion: StateVersion = { presence: 1, health: 1 };
  readonly #presence: Presence;
  readonly #outbox = new Outbox();
  readonly #handshakeDeps: HandshakeDeps;
  readonly #closedListeners: Array<(connId: string) => void> = [];
  readonly #connectedListeners: Array<(connected: ConnectedClient) => void> = [];
  readonly #ownOrigins = new Set<string>();
  #dispatcher: Dispatcher | undefined;
  #tick: Timer | undefined;
  #isStopping = false;
  #onEmpty: (() => void) | undefined;

  constructor(options: GatewayServerOptions) {
    this.#options = options;
    this.startedAtMs = options.clock.now();
    this.#presence = new Presence(options.clock, describeSelf(options.version));
    this.broadcaster = new Broadcaster({
      connections: this.connections,
      stateVersion: this.#stateVersion,
      checkOutput: options.checkOutput ?? false,
    });
    const { clock, settings } = options;
    this.directLimiter = settings.rateLimit && new RateLimiter(clock, settings.rateLimit);
    this.#handshakeDeps = this.#createHandshakeDeps();
  }

  start(handlers: MethodHandlers): void {
    const { log, clock, checkOutput = false } = this.#options;
    this.#dispatcher = new Dispatcher({ handlers, log, checkOutput });
    this.#tick = clock.every(LIMITS.tickIntervalMs, () => {
      if (this.connections.size > 0) this.broadcaster.broadcast('tick', { ts: clock.now() });
    });
  }

  onClosed(listener: (connId: string) => void): void {
    this.#closedListeners.push(listener);
  }

  onConnected(listener: (connected: ConnectedClient) => void): void {
    this.#connectedListeners.push(listener);
  }

  allowOrigin(origin: string): void {
    this.#ownOrigins.add(origin);
  }

  /** Closes the connections of a device; of one role when `role` is given. */
  disconnectDevice(deviceId: string, reason: string, role?: string): void {
    for (const connection of this.connections.values()) {
      const caller = connection.member?.caller;
      if (caller?.deviceId !== deviceId || (role !== undefined && caller.role !== role)) continue;
      connection.close(CLOSE.policy, reason);
    }
  }

  /** Puts an entry into the presence list and tells everybody. */
  notePresence(note: Omit<PresenceEntry, 'ts'>): void {
    this.#presence.note(note);
    this.#stateVersion.presence += 1;
    this.broadcaster.broadcast('presence', { presence: this.#presence.list() }, { withStateVersion: true });
  }

  presence(): PresenceEntry[] {
    return this.#presence.list();
  }

  memberCount(): number {
    let count = 0;
    for (const { member } of this.connections.values()) if (member) count += 1;
    return count;
  }

  describe(request: IncomingMessage): Peer {
    return describePeer(request.socket.remoteAddress, request.headers, this.#options.settings);
  }

  /** Takes over a socket that was just upgraded. */
  attach(socket: WebSocket, request: IncomingMessage): void {
    const { clock, log } = this.#options;
    const peer = this.describe(request);
    const connection = new Connection(randomUUID(), {
      ...{ socket, stream: request.socket, peer, outbox: this.#outbox, clock },
    });
    this.connections.set(connection.id, connection);
    const handshake = new Handshake(connection, this.#handshakeDeps);
    const receive = (text: string): void => {
      if (!connection.isOpen) return;
      if (connection.member) this.#dispatcher?.handle(connection, connection.member, text);
      else handshake.receive(text, receive);
    };
    socket.on('message', (data: Buffer) => receive(data.toString()));
    // ws answers a broken or oversized frame with the right close code itself.
    socket.on('error', (error) => log.debug('socket error', { conn: connection.id, err: error }));
    socket.on('close', () => {
      handshake.stop();
      this.#detach(connection);
    });
  }

  /** Says why, closes every socket with 1012, and resolves when all are gone. */
  async stop({ reason, restartExpectedMs }: StopNotice): Promise<void> {
    this.#isStopping = true;
    this.#tick?.cancel();
    this.broadcaster.broadcast('shutdown', { reason, restartExpectedMs });
    if (this.connections.size === 0) return;
    const gone = new Promise<void>((resolve) => (this.#onEmpty = resolve));
    for (const connection of this.connections.values()) connection.close(CLOSE.serviceRestart, 'service restart');
    const cut = this.#options.clock.after(STOP_GRACE_MS, () => {
      for (const connection of this.connections.values()) connection.terminate();
    });
    await gone;
    cut.cancel();
  }

  #createHandshakeDeps(): HandshakeDeps {
    const { settings, devices, clock, log, tailscaleWhois } = this.#options;
    return {
      admission: {
        settings,
        devices,
        browserLimiter: new RateLimiter(clock, settings.rateLimit ?? {}),
        directLimiter: this.directLimiter,
        tailscaleWhois,
        news: this.#createNews(),
        ownOrigins: this.#ownOrigins,
        now: () => clock.now(),
      },
      clock,
      log,
      timeoutMs: settings.handshakeTimeoutMs ?? LIMITS.handshakeTimeoutMs,
      welcome: (connection, request, admitted) => this.#welcome(connection, request, admitted),
    };
  }

  #createNews(): PairingNews {
    return {
      requested: (request) => this.broadcaster.broadcast('device.pair.requested', { ...request }),
      approved: (requestId, deviceId) => {
        const ts = this.#options.clock.now();
        this.broadcaster.broadcast('device.pair.resolved', { requestId, deviceId, decision: 'approved', ts });
      },
    };
  }

  #welcome(connection: Connection, request: ConnectRequest, admitted: Admitted): void {
    const { settings, version, health, helloFacts, clock } = this.#options;
    const member = describeMember(connection, request, admitted);
    if (this.#presence.connected(member.present)) this.#stateVersion.presence += 1;
    const hello = buildHello({
      request,
      admitted,
      connId: connection.id,
      version,
      presence: this.#presence.list(),
      health: health.current(),
      stateVersion: this.#stateVersion,
      uptimeMs: clock.now() - this.startedAtMs,
      authMode: settings.auth.mode,
      facts: helloFacts(),
    });
    connection.allowLargeFrames();
    connection.send(JSON.stringify({ type: 'res', id: request.id, ok: true, payload: hello }));
    connection.member = member;
    this.#tellConnected(request, member);
    health.refreshSoon();
  }

  #tellConnected({ params }: ConnectRequest, { caller }: Member): void {
    const { client, commands = [], permissions, pathEnv } = params;
    const connectedAtMs = this.#options.clock.now();
    const connected = { caller, client, commands, permissions, pathEnv, connectedAtMs };
    for (const listener of this.#connectedListeners) listener(connected);
  }

  #detach(connection: Connection): void {
    this.connections.delete(connection.id);
    connection.closed();
    if (connection.member) {
      if (this.#presence.disconnected(connection.member.present)) {
        this.#stateVersion.presence += 1;
        // When everybody leaves there is nobody to tell.
        if (!this.#isStopping)
          this.broadcaster.broadcast('presence', { presence: this.#presence.list() }, { withStateVersion: true });
      }
      for (const listener of this.#closedListeners) listener(connection.id);
    }
    if (this.connections.size === 0) this.#onEmpty?.();
  }
}

function describeMember(connection: Connection, request: ConnectRequest, admitted: Admitted): Member {
  const { client, caps = [] } = request.params;
  const { role } = request;
  const grants = role === 'operator' ? effectiveScopes(admitted.scopes) : [...admitted.scopes];
  const { clientIp, isLocal } = connection.peer;
  return {
    grants: new Set(grants),
    caller: {
      connId: connection.id,
      role,
      scopes: grants,
      caps,
      clientId: client.id,
      clientMode: client.mode,
      displayName: client.displayName,
      instanceId: client.instanceId,
      deviceId: admitted.deviceId,
      clientIp,
      isLocal,
      protocol: request.protocol,
    },
    present: {
      connId: connection.id,
      client,
      deviceId: admitted.deviceId,
      role,
      scopes: admitted.scopes,
      ...(!isLocal && { ip: clientIp }),
    },
  };
}
