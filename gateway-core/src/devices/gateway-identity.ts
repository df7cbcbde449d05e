// The key pair of this computer, shared by its gateway and its commands: identity/device.json.
import { createPrivateKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { link, rm } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../shared/app-error.js';
import { readJsonIfExists, writeJsonDurably } from '../shared/json-file.js';
import { deviceIdOf, rawKeyOfPem } from './keys.js';

interface IdentityFile {
  version: 1;
  deviceId: string;
  publicKeyPem: string;
  privateKeyPem: string;
  createdAtMs: number;
}

export interface GatewayIdentity {
  deviceId: string;
  /** base64url of the raw key. */
  publicKey: string;
  /** base64url of the Ed25519 signature over the UTF-8 bytes. */
  sign(payload: string): string;
}

function createIdentityFile(nowMs: number): IdentityFile {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
  return {
    version: 1,
    deviceId: deviceIdOf(rawKeyOfPem(publicKeyPem)),
    publicKeyPem,
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    createdAtMs: nowMs,
  };
}

function openIdentity(file: IdentityFile): GatewayIdentity {
  const rawKey = rawKeyOfPem(file.publicKeyPem);
  const privateKey = createPrivateKey(file.privateKeyPem);
  return {
    deviceId: deviceIdOf(rawKey),
    publicKey: rawKey.toString('base64url'),
    sign: (payload) => sign(null, Buffer.from(payload), privateKey).toString('base64url'),
  };
}

/** A command may be making the same file now: `link` lets exactly one of us win. */
async function saveUnlessThere(file: string, identity: IdentityFile): Promise<void> {
  const draft = `${file}.${randomUUID()}.draft`;
  await writeJsonDurably(draft, identity);
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function readIdentity(file: string): Promise<GatewayIdentity | undefined> {
  try {
    const existing = await readJsonIfExists<IdentityFile>(file);
    return existing && openIdentity(existing);
  } catch (error) {
    throw new AppError('state.unreadable', {
      message: `The identity of this computer cannot be read: ${file}`,
      hint: 'Restore the file from a backup, or move it away; a new identity is made then and devices pair again.',
      cause: error,
    });
  }
}

/**
 * The identity in `<stateDir>/identity/device.json`, made on first use (mode 0600).
 * Throws AppError state.unreadable when the file is there and is not an identity.
 */
export async function loadGatewayIdentity(stateDir: string, nowMs: number): Promise<GatewayIdentity> {
  const file = path.join(stateDir, 'identity', 'device.json');
  const existing = await readIdentity(file);
  if (existing) return existing;
  const created = createIdentityFile(nowMs);
  await saveUnlessThere(file, created);
  return (await readIdentity(file)) ?? openIdentity(created);
}
