// Paired devices, pairing requests and bootstrap tokens: in memory, mirrored to `<stateDir>/devices/*.json`.
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Clock } from '../shared/clock.js';
import type { Logger } from '../shared/logger.js';
import { JsonTable } from './json-table.js';
import { approved, described, usableToken, withToken } from './paired-device.js';
import { isExpired, nextPending, type PendingChange } from './pending-pairings.js';
import {
  BOOTSTRAP_TTL_MS,
  type BootstrapToken,
  type DeviceClaim,
  type DeviceToken,
  type PairedDevice,
  type PendingPairing,
  USE_NOTED_EVERY_MS,
} from './records.js';
import { scopesCover } from './scopes.js';
import { createToken, secretsMatch } from './secrets.js';

export interface DeviceStoreOptions {
  stateDir: string;
  clock: Clock;
  log: Logger;
}

export interface TokenQuestion {
  deviceId: string;
  role: string;
  scopes: readonly string[];
}

function hasTexts(value: unknown, ...keys: string[]): boolean {
  if (value === null || typeof value !== 'object') return false;
  return keys.every((key) => typeof (value as Record<string, unknown>)[key] === 'string');
}

function isPaired(value: unknown): value is PairedDevice {
  const row = value as Partial<PairedDevice>;
  return (
    hasTexts(value, 'deviceId', 'publicKey') &&
    Array.isArray(row.roles) &&
    Array.isArray(row.scopes) &&
    typeof row.tokens === 'object'
  );
}

function isPending(value: unknown): value is PendingPairing {
  const row = value as Partial<PendingPairing>;
  return (
    hasTexts(value, 'requestId', 'deviceId', 'publicKey', 'role') &&
    Array.isArray(row.roles) &&
    Array.isArray(row.scopes)
  );
}

function isBootstrap(value: unknown): value is BootstrapToken {
  const row = value as Partial<BootstrapToken>;
  return hasTexts(value, 'token') && Array.isArray(row.roles) && Array.isArray(row.scopes);
}

/** The only writer of the device files. Rows handed out are not to be changed. */
export class DeviceStore {
  readonly #clock: Clock;
  readonly #paired: JsonTable<PairedDevice>;
  readonly #pending: JsonTable<PendingPairing>;
  readonly #bootstrap: JsonTable<BootstrapToken>;
  /** One after the other, so that no token is taken twice while its file is read. */
  #bootstrapLine: Promise<unknown> = Promise.resolve();

  private constructor(
    clock: Clock,
    paired: JsonTable<PairedDevice>,
    pending: JsonTable<PendingPairing>,
    bootstrap: JsonTable<BootstrapToken>,
  ) {
    this.#clock = clock;
    this.#paired = paired;
    this.#pending = pending;
    this.#bootstrap = bootstrap;
  }

  static async load({ stateDir, clock, log }: DeviceStoreOptions): Promise<DeviceStore> {
    const at = (name: string) => ({ file: path.join(stateDir, 'devices', name), clock, log });
    const [paired, pending, bootstrap] = await Promise.all([
      JsonTable.load({ ...at('paired.json'), isRow: isPaired }),
      JsonTable.load({ ...at('pending.json'), isRow: isPending }),
      JsonTable.load({ ...at('bootstrap.json'), isRow: isBootstrap }),
    ]);
    return new DeviceStore(clock, paired, pending, bootstrap);
  }

  device(deviceId: string): PairedDevice | undefined {
    return this.#paired.rows.get(deviceId);
  }

  /** Latest approval first. */
  listPaired(): PairedDevice[] {
    return [...this.#paired.rows.values()].sort((a, b) => b.approvedAtMs - a.approvedAtMs);
  }

  /** Latest first; expired ones are gone. */
  listPending(): PendingPairing[] {
    this.#dropExpired();
    return [...this.#pending.rows.values()].sort((a, b) => b.ts - a.ts);
  }

  /** Keeps a request for somebody to approve. On disk when it resolves. */
  async request(claim: DeviceClaim): Promise<PendingChange> {
    this.#dropExpired();
    const rows = this.#pending.rows;
    const existing = [...rows.values()].find(({ deviceId }) => deviceId === claim.deviceId);
    const change = nextPending({
      claim,
      existing,
      isRepair: this.#paired.rows.has(claim.deviceId),
      requestId: randomUUID(),
      nowMs: this.#clock.now(),
    });
    if (existing && change.isNew) rows.delete(existing.requestId);
    rows.set(change.request.requestId, change.request);
    await this.#pending.save();
    return change;
  }

  /** A request that still waits. */
  pending(requestId: string): PendingPairing | undefined {
    this.#dropExpired();
    return this.#pending.rows.get(requestId);
  }

  /** Approves a pending request. On disk when it resolves; undefined for an unknown or expired one. */
  async approve(requestId: string): Promise<PairedDevice | undefined> {
    const request = await this.#take(requestId);
    if (!request) return undefined;
    const { requestId: _id, silent: _silent, isRepair: _repair, ts: _ts, ...claim } = request;
    return await this.#pair(claim);
  }

  /** Forgets a pending request and returns it. */
  async reject(requestId: string): Promise<PendingPairing | undefined> {
    return await this.#take(requestId);
  }

  /** Pairs a device that needs nobody's approval. On disk when it resolves. */
  async approveSilently(claim: DeviceClaim): Promise<{ requestId: string; device: PairedDevice }> {
    return { requestId: randomUUID(), device: await this.#pair(claim) };
  }

  /** Notes what a paired device says about itself now. */
  describe(claim: DeviceClaim): void {
    const device = this.#paired.rows.get(claim.deviceId);
    const next = device && described(device, claim);
    if (!next || next === device) return;
    this.#paired.rows.set(claim.deviceId, next);
    this.#paired.saveSoon();
  }

  /** True for the right token with enough scopes; notes its use. */
  verifyToken(question: TokenQuestion & { token: string }): boolean {
    const device = this.#paired.rows.get(question.deviceId);
    const held = usableToken(device, question.role, question.scopes);
    if (!device || !held || !secretsMatch(question.token, held.token)) return false;
    this.#noteUse(device, question.role, held);
    return true;
  }

  /** The device's token: the one it has while that fits, else a new one. Undefined when it may not have these scopes. */
  async token({ deviceId, role, scopes }: TokenQuestion): Promise<DeviceToken | undefined> {
    const device = this.#paired.rows.get(deviceId);
    const held = usableToken(device, role, scopes);
    if (held) return held;
    if (!device?.roles.includes(role) || !scopesCover(role, device.scopes, scopes)) return undefined;
    const before = device.tokens[role];
    const kept = before && before.revokedAtMs === undefined ? before.scopes : [];
    return await this.#issue(device, role, [...kept, ...scopes]);
  }

  /** Forgets a device, its tokens and what it asked for. On disk when it resolves; false when it was not paired. */
  async remove(deviceId: string): Promise<boolean> {
    if (!this.#paired.rows.delete(deviceId)) return false;
    const asked = [...this.#pending.rows.values()].filter((request) => request.deviceId === deviceId);
    for (const { requestId } of asked) this.#pending.rows.delete(requestId);
    await Promise.all([this.#paired.save(), ...(asked.length > 0 ? [this.#pending.save()] : [])]);
    return true;
  }

  /**
   * A new token for a role the device was approved for, within its scopes; without `scopes` those of the token
   * before. On disk when it resolves; undefined when the device may not have it.
   */
  async rotate(deviceId: string, role: string, scopes?: readonly string[]): Promise<DeviceToken | undefined> {
    const device = this.#paired.rows.get(deviceId);
    const wanted = scopes ?? device?.tokens[role]?.scopes ?? device?.scopes ?? [];
    if (!device?.roles.includes(role) || !scopesCover(role, device.scopes, wanted)) return undefined;
    return await this.#issue(device, role, wanted);
  }

  /** Ends the token of a role. On disk when it resolves; undefined when there is none. */
  async revoke(deviceId: string, role: string): Promise<DeviceToken | undefined> {
    const device = this.#paired.rows.get(deviceId);
    const held = device && Object.hasOwn(device.tokens, role) ? device.tokens[role] : undefined;
    if (!device || !held) return undefined;
    const revoked: DeviceToken = { ...held, revokedAtMs: held.revokedAtMs ?? this.#clock.now() };
    this.#paired.rows.set(deviceId, { ...device, tokens: { ...device.tokens, [role]: revoked } });
    await this.#paired.save();
    return revoked;
  }

  /**
   * Gives the device a name of its own, which it keeps whatever it calls itself; an empty name takes it away.
   * On disk when it resolves; undefined when it is not paired.
   */
  async rename(deviceId: string, name: string): Promise<PairedDevice | undefined> {
    const device = this.#paired.rows.get(deviceId);
    if (!device) return undefined;
    const { givenName: _before, ...others } = device;
    const next: PairedDevice = name === '' ? others : { ...others, givenName: name };
    this.#paired.rows.set(deviceId, next);
    await this.#paired.save();
    return next;
  }

  /** A token for one first connection of a node, good for ten minutes. On disk when it resolves. */
  issueBootstrapToken(): Promise<BootstrapToken> {
    return this.#withBootstrap(async (rows) => {
      const row = { token: createToken(), roles: ['node'], scopes: [], issuedAtMs: this.#clock.now() };
      for (const [key, old] of rows) if (!this.#isFresh(old)) rows.delete(key);
      rows.set(row.token, row);
      await this.#bootstrap.save();
      return row;
    });
  }

  /** True once for a valid bootstrap token that is used with exactly its role and scopes. */
  takeBootstrapToken(token: string, role: string, scopes: readonly string[]): Promise<boolean> {
    return this.#withBootstrap(async (rows) => {
      const row = [...rows.values()].find((candidate) => secretsMatch(token, candidate.token));
      if (!row) return false;
      const isFresh = this.#isFresh(row);
      const fits =
        row.roles.includes(role) && scopes.length === row.scopes.length && scopesCover('', row.scopes, scopes);
      if (isFresh && !fits) return false;
      rows.delete(row.token);
      // On disk first: after a crash it must not work a second time.
      await this.#bootstrap.save();
      return isFresh;
    });
  }

  /** Writes what is waiting. */
  async stop(): Promise<void> {
    await Promise.all([this.#paired.stop(), this.#pending.stop(), this.#bootstrap.stop()]);
  }

  /** With the tokens as they are on disk: `openclaw qr` writes there, too. */
  #withBootstrap<T>(work: (rows: Map<string, BootstrapToken>) => Promise<T>): Promise<T> {
    const run = this.#bootstrapLine.then(async () => {
      await this.#bootstrap.refresh();
      return await work(this.#bootstrap.rows);
    });
    this.#bootstrapLine = run.catch(() => undefined);
    return run;
  }

  #isFresh(row: BootstrapToken): boolean {
    return this.#clock.now() - row.issuedAtMs <= BOOTSTRAP_TTL_MS;
  }

  /** A device that calls every second does not need a write for every call. */
  #noteUse(device: PairedDevice, role: string, held: DeviceToken): void {
    const now = this.#clock.now();
    if (held.lastUsedAtMs !== undefined && Math.abs(now - held.lastUsedAtMs) < USE_NOTED_EVERY_MS) return;
    const tokens = { ...device.tokens, [role]: { ...held, lastUsedAtMs: now } };
    this.#paired.rows.set(device.deviceId, { ...device, tokens });
    this.#paired.saveSoon();
  }

  async #pair(claim: DeviceClaim & { roles?: readonly string[] }): Promise<PairedDevice> {
    const before = this.#paired.rows.get(claim.deviceId);
    const device = approved(before, claim, createToken(), this.#clock.now());
    this.#paired.rows.set(claim.deviceId, device);
    await this.#paired.save();
    return device;
  }

  async #issue(device: PairedDevice, role: string, scopes: readonly string[]): Promise<DeviceToken | undefined> {
    const next = withToken(device, { token: createToken(), role, scopes, nowMs: this.#clock.now() });
    this.#paired.rows.set(device.deviceId, next);
    await this.#paired.save();
    return next.tokens[role];
  }

  async #take(requestId: string): Promise<PendingPairing | undefined> {
    this.#dropExpired();
    const request = this.#pending.rows.get(requestId);
    if (!request) return undefined;
    this.#pending.rows.delete(requestId);
    await this.#pending.save();
    return request;
  }

  #dropExpired(): void {
    const now = this.#clock.now();
    for (const request of this.#pending.rows.values()) {
      if (!isExpired(request, now)) continue;
      this.#pending.rows.delete(request.requestId);
      this.#pending.saveSoon();
    }
  }
}
