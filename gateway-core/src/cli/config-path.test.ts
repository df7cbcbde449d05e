import { describe, expect, it } from 'vitest';
import { readConfigPath } from './config-path.js';

const config = { gateway: { port: 5, auth: { mode: 'token', token: 's3cret' } }, agents: { list: [{ id: 'main' }] } };

describe('readConfigPath', () => {
  it('follows dots and brackets', () => {
    expect(readConfigPath(config, 'gateway.port')).toBe(5);
    expect(readConfigPath(config, 'agents.list[0].id')).toBe('main');
  });

  it('masks secrets, alone and inside objects', () => {
    expect(readConfigPath(config, 'gateway.auth.token')).toBe('__OPENCLAW_REDACTED__');
    expect(readConfigPath(config, 'gateway.auth')).toEqual({ mode: 'token', token: '__OPENCLAW_REDACTED__' });
  });

  it.each(['nope.x', 'gateway.port.x', '', 'agents.list[3]', 'constructor'])('finds nothing at %j', (path) => {
    expect(readConfigPath(config, path)).toBeUndefined();
  });
});
