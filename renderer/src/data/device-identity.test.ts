import { verifyAsync } from '@noble/ed25519';
import { describe, expect, it } from 'vitest';
import { loadDeviceIdentity } from './device-identity.js';
import { createLocalState, createMemoryStore } from './storage.js';

function decode(text: string): Uint8Array {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
}

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

describe('device identity', () => {
  it('signs so that an ordinary Ed25519 verifier accepts it', async () => {
    const identity = await loadDeviceIdentity(createLocalState(createMemoryStore()), crypto.subtle);
    if (!identity) return expect.unreachable();
    const raw = decode(identity.publicKey);
    const signature = decode(await identity.sign('v3|payload'));
    expect(await verifyAsync(signature, new TextEncoder().encode('v3|payload'), raw)).toBe(true);
    const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(raw));
    expect(identity.deviceId).toBe(hex(new Uint8Array(digest)));
  });

  it('stays the same device after a reload', async () => {
    const state = createLocalState(createMemoryStore());
    const first = await loadDeviceIdentity(state, crypto.subtle);
    const second = await loadDeviceIdentity(state, crypto.subtle);
    expect(second?.deviceId).toBe(first?.deviceId);
  });

  it('makes a new key when the stored one is damaged', async () => {
    const state = createLocalState(createMemoryStore());
    state.write('device-key', 'short');
    expect((await loadDeviceIdentity(state, crypto.subtle))?.deviceId).toMatch(/^[0-9a-f]{64}$/);
  });

  it('does without where the browser hides its cryptography', async () => {
    expect(await loadDeviceIdentity(createLocalState(createMemoryStore()), undefined)).toBeUndefined();
  });
});
