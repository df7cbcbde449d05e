// Who is here: this gateway, and the clients that connected lately (spec/gateway-protocol.md §5, PresenceEntry).
import { arch, hostname, networkInterfaces, platform, release } from 'node:os';
import type { ConnectClient, PresenceEntry } from '../protocol/index.js';
import type { Clock } from '../shared/clock.js';

const TTL_MS = 300_000;
const MAX_ENTRIES = 200;
const NOTE_KEY_CHARS = 64;
const FAMILIES: Readonly<Record<string, string>> = { darwin: 'Mac', win32: 'Windows', linux: 'Linux' };

export interface PresentClient {
  connId: string;
  client: ConnectClient;
  deviceId?: string;
  role: string;
  scopes: readonly string[];
  /** Absent for a client on this computer. */
  ip?: string;
}

interface Tracked {
  entry: PresenceEntry;
  connections: Set<string>;
}

function lanAddress(): string | undefined {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
}

/** The entry of the gateway itself, without its time. */
export function describeSelf(version: string): Omit<PresenceEntry, 'ts'> {
  const host = hostname();
  const ip = lanAddress();
  const where = ip ? `${host} (${ip})` : host;
  return {
    host,
    ...(ip && { ip }),
    version,
    platform: `${platform()} ${release()}`,
    deviceFamily: FAMILIES[platform()] ?? platform(),
    modelIdentifier: arch(),
    mode: 'gateway',
    reason: 'self',
    text: `Gateway: ${where} · app ${version} · mode gateway · reason self`,
  };
}

function keyOf({ deviceId, client, connId }: PresentClient): string {
  return (deviceId ?? client.instanceId ?? connId).toLowerCase();
}

function describeClient(present: PresentClient, ts: number): PresenceEntry {
  const { client, deviceId, ip } = present;
  const host = client.displayName ?? client.id;
  const instanceId = deviceId ?? client.instanceId;
  return {
    host,
    ...(ip && { ip }),
    version: client.version,
    platform: client.platform,
    ...(client.deviceFamily && { deviceFamily: client.deviceFamily }),
    ...(client.modelIdentifier && { modelIdentifier: client.modelIdentifier }),
    mode: client.mode,
    ...(deviceId && { deviceId }),
    roles: [present.role],
    scopes: [...present.scopes],
    ...(instanceId && { instanceId }),
    reason: 'connect',
    ts,
    text: `Node: ${ip ? `${host} (${ip})` : host} · mode ${client.mode}`,
  };
}

export class Presence {
  readonly #clock: Clock;
  readonly #self: Omit<PresenceEntry, 'ts'>;
  readonly #tracked = new Map<string, Tracked>();

  constructor(clock: Clock, self: Omit<PresenceEntry, 'ts'>) {
    this.#clock = clock;
    this.#self = self;
  }

  /** Notes a client; false when clients of its kind are not tracked (commands come and go). */
  connected(present: PresentClient): boolean {
    if (present.client.mode === 'cli') return false;
    const key = keyOf(present);
    const connections = this.#tracked.get(key)?.connections ?? new Set();
    connections.add(present.connId);
    this.#tracked.delete(key);
    this.#tracked.set(key, { entry: describeClient(present, this.#clock.now()), connections });
    this.#prune();
    return true;
  }

  /** Marks a client as gone, unless it is here over another connection; false when it was not tracked. */
  disconnected(present: PresentClient): boolean {
    const tracked = this.#tracked.get(keyOf(present));
    if (!tracked?.connections.delete(present.connId)) return false;
    if (tracked.connections.size === 0) {
      tracked.entry = { ...tracked.entry, reason: 'disconnect', ts: this.#clock.now() };
    }
    return true;
  }

  /** Puts in what somebody reports about a client, by its ids, else by its host, address or words. */
  note(note: Omit<PresenceEntry, 'ts'>): void {
    const { deviceId, instanceId, host, ip, text } = note;
    const key = (deviceId ?? instanceId ?? host ?? ip ?? text?.slice(0, NOTE_KEY_CHARS) ?? '').toLowerCase();
    const known = this.#tracked.get(key);
    const entry = { ...known?.entry, ...note, ts: this.#clock.now() };
    this.#tracked.delete(key);
    this.#tracked.set(key, { entry, connections: known?.connections ?? new Set() });
    this.#prune();
  }

  /** This gateway first, then the others, newest first. */
  list(): PresenceEntry[] {
    this.#prune();
    const others = [...this.#tracked.values()].map(({ entry }) => entry).sort((a, b) => b.ts - a.ts);
    return [{ ...this.#self, ts: this.#clock.now() }, ...others];
  }

  #prune(): void {
    const oldest = this.#clock.now() - TTL_MS;
    for (const [key, { entry, connections }] of this.#tracked) {
      const isGone = connections.size === 0 && entry.ts < oldest;
      if (isGone || this.#tracked.size > MAX_ENTRIES) this.#tracked.delete(key);
    }
  }
}
