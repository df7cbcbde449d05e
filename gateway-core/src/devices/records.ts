// What the device files hold (spec/gateway-protocol.md §7.7, §7.8). Times in epoch milliseconds.

export interface DeviceToken {
  token: string;
  role: string;
  scopes: string[];
  createdAtMs: number;
  rotatedAtMs?: number;
  revokedAtMs?: number;
  lastUsedAtMs?: number;
}

/** What a device says about itself when it connects. */
export interface DeviceClaim {
  deviceId: string;
  /** base64url of the raw key. */
  publicKey: string;
  displayName?: string;
  platform?: string;
  deviceFamily?: string;
  clientId?: string;
  clientMode?: string;
  role: string;
  scopes: readonly string[];
  /** Absent for a client on this computer. */
  remoteIp?: string;
}

/** A row of devices/paired.json. */
export interface PairedDevice {
  deviceId: string;
  publicKey: string;
  /** What it calls itself. */
  displayName?: string;
  /** What its owner calls it; shown in place of the other. */
  givenName?: string;
  platform?: string;
  deviceFamily?: string;
  clientId?: string;
  clientMode?: string;
  role: string;
  roles: string[];
  scopes: string[];
  remoteIp?: string;
  /** One token per role. */
  tokens: Record<string, DeviceToken>;
  createdAtMs: number;
  approvedAtMs: number;
}

/** A row of devices/pending.json, and the payload of `device.pair.requested`. */
export interface PendingPairing {
  requestId: string;
  deviceId: string;
  publicKey: string;
  displayName?: string;
  platform?: string;
  deviceFamily?: string;
  clientId?: string;
  clientMode?: string;
  role: string;
  roles: string[];
  scopes: string[];
  remoteIp?: string;
  silent: boolean;
  /** The device was paired before. */
  isRepair: boolean;
  ts: number;
}

/** A row of devices/bootstrap.json. */
export interface BootstrapToken {
  token: string;
  roles: string[];
  scopes: string[];
  issuedAtMs: number;
}

export const PENDING_TTL_MS = 300_000;
export const BOOTSTRAP_TTL_MS = 600_000;
/** How exact the time of a token's last use is. */
export const USE_NOTED_EVERY_MS = 60_000;
