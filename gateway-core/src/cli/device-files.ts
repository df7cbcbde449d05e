// The device identity of this state folder and the tokens that gateways gave it (spec/gateway-protocol.md §7.7).
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { link, rm } from 'node:fs/promises';
import path from 'node:path';
import type { DeviceAuth, DeviceIdentity } from '../client/index.js';
import { AppError, errorMessage } from '../shared/app-error.js';
import { readJsonIfExists, writeJsonDurably } from '../shared/json-file.js';

interface IdentityFile {
  version: 1;
  deviceId: string;
  publicKeyPem: string;
  privateKeyPem: string;
  createdAtMs: number;
}

interface DeviceAuthFile {
  version: 1;
  deviceId: string;
  tokens: Record<string, { token: string; role: string; scopes: string[]; updatedAtMs: number }>;
}

const identityFile = (stateDir: string): string => path.join(stateDir, 'identity', 'device.json');
const authFile = (stateDir: string): string => path.join(stateDir, 'identity', 'device-auth.json');

/** The 32 bytes of an Ed25519 public key: the end of its SPKI form. */
function rawPublicKey(pem: string): Buffer {
  return createPublicKey(pem).export({ type: 'spki', format: 'der' }).subarray(-32);
}

function createIdentity(nowMs: number): IdentityFile {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
  return {
    version: 1,
    deviceId: createHash('sha256').update(rawPublicKey(publicKeyPem)).digest('hex'),
    publicKeyPem,
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    createdAtMs: nowMs,
  };
}

// A gateway may be creating the same file now; `link` lets exactly one of us win.
async function saveUnlessThere(file: string, identity: IdentityFile): Promise<void> {
  const draft = `${file}.${randomUUID()}.tmp`;
  await writeJsonDurably(draft, identity);
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** The state folder cannot be read or written by us, or is no folder. */
const UNUSABLE = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR']);

function toDeviceIdentity(file: IdentityFile): DeviceIdentity {
  const key = createPrivateKey(file.privateKeyPem);
  return {
    deviceId: file.deviceId,
    publicKey: rawPublicKey(file.publicKeyPem).toString('base64url'),
    sign: (payload) => Promise.resolve(sign(null, Buffer.from(payload), key).toString('base64url')),
  };
}

/**
 * The identity in `<stateDir>/identity/device.json`, made on first use. Undefined when the state folder
 * cannot be written: commands then connect without a device.
 */
export async function loadDeviceIdentity(stateDir: string, nowMs: number): Promise<DeviceIdentity | undefined> {
  const file = identityFile(stateDir);
  try {
    let stored = await readJsonIfExists<IdentityFile>(file);
    if (!stored) {
      await saveUnlessThere(file, createIdentity(nowMs));
      stored = await readJsonIfExists<IdentityFile>(file);
    }
    return stored && toDeviceIdentity(stored);
  } catch (error) {
    if (UNUSABLE.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw new AppError('config.unreadable', {
      message: `The device identity ${file} cannot be used: ${errorMessage(error)}`,
      hint: 'Move the file away; a new identity is made on the next start.',
      cause: error,
    });
  }
}

/** The stored token of this device for a role. */
export async function readDeviceToken(stateDir: string, deviceId: string, role: string): Promise<string | undefined> {
  const stored = await readJsonIfExists<DeviceAuthFile>(authFile(stateDir));
  return stored?.deviceId === deviceId ? stored.tokens[role]?.token : undefined;
}

export interface StoreDeviceAuth {
  stateDir: string;
  deviceId: string;
  role: string;
  /** Undefined removes the stored token. */
  auth: DeviceAuth | undefined;
  nowMs: number;
}

/** Writes the token file, if that changes anything. */
export async function storeDeviceAuth({ stateDir, deviceId, role, auth, nowMs }: StoreDeviceAuth): Promise<void> {
  const file = authFile(stateDir);
  const stored = await readJsonIfExists<DeviceAuthFile>(file);
  const tokens = stored?.deviceId === deviceId ? { ...stored.tokens } : {};
  const before = tokens[role];
  if (before?.token === auth?.deviceToken && before?.scopes.join() === auth?.scopes.join()) return;
  if (auth) tokens[role] = { token: auth.deviceToken, role, scopes: auth.scopes, updatedAtMs: nowMs };
  else delete tokens[role];
  await writeJsonDurably(file, { version: 1, deviceId, tokens } satisfies DeviceAuthFile);
}
