import { describe, expect, it } from 'vitest';
import type { OpenClawConfig } from '../config/index.js';
import { localPort, resolveLocalTarget, resolveTarget, type TargetFlags, targetLines } from './target.js';

const configPath = '/home/user/.openclaw/openclaw.json';

function resolve(config: OpenClawConfig = {}, env: NodeJS.ProcessEnv = {}, flags: TargetFlags = {}) {
  return resolveTarget({ flags, env, config, configPath });
}

const local: OpenClawConfig = { gateway: { auth: { mode: 'token', token: 'config-token' } } };

describe('resolveTarget', () => {
  it('goes to this computer by default, with the token of the config', () => {
    expect(resolve(local)).toEqual({
      url: 'ws://127.0.0.1:18789',
      source: 'local loopback',
      configPath,
      bind: 'loopback',
      token: 'config-token',
      password: undefined,
    });
  });

  it('takes the port from the environment, then the config', () => {
    expect(localPort({ OPENCLAW_GATEWAY_PORT: '19001' }, { gateway: { port: 5 } })).toBe(19001);
    expect(localPort({ OPENCLAW_GATEWAY_PORT: 'x' }, { gateway: { port: 5 } })).toBe(5);
    expect(localPort({}, {})).toBe(18789);
  });

  it('prefers the flag over the environment over the config over the remote credentials', () => {
    const env = { OPENCLAW_GATEWAY_TOKEN: 'env-token' };
    expect(resolve(local, env, { token: 'flag-token' }).token).toBe('flag-token');
    expect(resolve(local, env).token).toBe('env-token');
    expect(resolve({ gateway: { remote: { token: 'remote-token' } } }).token).toBe('remote-token');
  });

  it('sends only the kind of secret that the local gateway asks for', () => {
    const auth = { token: 't', password: 'p' };
    expect(resolve({ gateway: { auth: { ...auth, mode: 'password' } } })).toMatchObject({
      token: undefined,
      password: 'p',
    });
    expect(resolve({ gateway: { auth: { ...auth, mode: 'token' } } })).toMatchObject({
      token: 't',
      password: undefined,
    });
  });

  it('prefers --url over the environment over the remote config', () => {
    const config: OpenClawConfig = { gateway: { mode: 'remote', remote: { url: 'wss://c.example', token: 'ct' } } };
    const env = { OPENCLAW_GATEWAY_URL: 'wss://e.example', OPENCLAW_GATEWAY_TOKEN: 'et' };
    expect(resolve(config, env, { url: 'wss://f.example' })).toMatchObject({
      url: 'wss://f.example',
      source: 'cli --url',
    });
    expect(resolve(config, env)).toMatchObject({
      url: 'wss://e.example',
      source: 'env OPENCLAW_GATEWAY_URL',
      token: 'et',
    });
    expect(resolve(config)).toMatchObject({ url: 'wss://c.example', source: 'config gateway.remote.url', token: 'ct' });
    expect(resolveLocalTarget({ flags: {}, env: {}, config, configPath }).url).toBe('ws://127.0.0.1:18789');
  });

  it('does not send the secrets of this computer to another address', () => {
    expect(resolve(local, {}, { url: 'wss://other.example' }).token).toBeUndefined();
    expect(resolve(local, {}, { url: 'ws://127.0.0.1:18789' }).token).toBe('config-token');
    expect(resolve(local, {}, { url: 'ws://127.0.0.1:1' }).token).toBeUndefined();
  });

  it('pins the certificate of the remote gateway, however its address is given', () => {
    const digits = 'ab'.repeat(32);
    const tlsFingerprint = `SHA256:${digits.toUpperCase().replaceAll(/(..)(?=.)/g, '$1:')}`;
    const remote = { url: 'wss://far.example', token: 'r', tlsFingerprint };
    const config: OpenClawConfig = { gateway: { mode: 'remote', remote } };
    expect(resolve(config)).toMatchObject({ url: remote.url, token: 'r', tlsFingerprint: digits });
    expect(resolve(config, {}, { url: 'wss://far.example/' })).toMatchObject({ tlsFingerprint: digits });
    expect(resolve(config, {}, { url: 'wss://other.example' })).not.toHaveProperty('tlsFingerprint');
    const unreadable = { gateway: { mode: 'remote' as const, remote: { ...remote, tlsFingerprint: 'abc' } } };
    expect(() => resolve(unreadable)).toThrow('is not the SHA-256');
  });

  it('speaks TLS with the gateway of this computer when that has it switched on', () => {
    expect(resolve({ gateway: { tls: { enabled: true } } }).url).toBe('wss://127.0.0.1:18789');
  });

  it('wants credentials with an address from the environment', () => {
    expect(() => resolve(local, { OPENCLAW_GATEWAY_URL: 'wss://e.example' })).toThrow(
      'gateway url override requires explicit credentials',
    );
  });

  it.each(['http://127.0.0.1:1', 'nonsense', 'ws://'])('rejects the address %s', (url) => {
    expect(() => resolve({}, {}, { url })).toThrow(expect.objectContaining({ code: 'gateway.url_invalid' }));
  });

  it('sends no secret unencrypted over a network, unless told to in a private one', () => {
    const allow = { OPENCLAW_ALLOW_INSECURE_PRIVATE_WS: '1' };
    const insecure = expect.objectContaining({ code: 'gateway.url_insecure' });
    expect(() => resolve({}, {}, { url: 'ws://192.168.1.5:1' })).toThrow(insecure);
    expect(resolve({}, allow, { url: 'ws://192.168.1.5:1' }).url).toBe('ws://192.168.1.5:1');
    expect(() => resolve({}, allow, { url: 'ws://93.184.216.34:1' })).toThrow(insecure);
  });
});

describe('targetLines', () => {
  it('names the bind mode for the local gateway only', () => {
    expect(targetLines(resolve())).toEqual([
      'Gateway target: ws://127.0.0.1:18789',
      'Source: local loopback',
      `Config: ${configPath}`,
      'Bind: loopback',
    ]);
    expect(targetLines(resolve({}, {}, { url: 'ws://127.0.0.1:1' }))).toHaveLength(3);
  });
});
