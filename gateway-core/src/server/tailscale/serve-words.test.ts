import { describe, expect, it } from 'vitest';
import { readSelf, serveFailure, statusFailure } from './serve-words.js';

const status = (value: unknown) => readSelf(JSON.stringify(value));

describe('the output of tailscale status', () => {
  it('names this computer and says whether it gets certificates', () => {
    const running = { BackendState: 'Running', Self: { DNSName: 'Desk.tail1234.ts.net.' } };
    const self = { name: 'desk.tail1234.ts.net', hasCertificate: false };
    expect(status(running)).toEqual({ ok: true, self });
    const domains = { ...running, CertDomains: ['desk.tail1234.ts.net'] };
    expect(status(domains)).toEqual({ ok: true, self: { ...self, hasCertificate: true } });
  });

  it.each([
    [{ BackendState: 'NeedsMachineAuth' }, 'approved', true],
    [{ BackendState: 'NoState' }, 'not connected yet', true],
    [{ BackendState: 'Running', Self: null }, 'not connected yet', true],
    [{ BackendState: 'Running', Self: { DNSName: '' } }, 'not connected yet', true],
    [{ BackendState: 'Running', Self: { DNSName: 'evil"/><.ts.net' } }, 'not connected yet', true],
    [{}, 'cannot be read', undefined],
    [null, 'cannot be read', undefined],
  ])('%j is no address', (value, reason, passing) => {
    const read = status(value);
    const failure = read.ok ? undefined : read.failure;
    expect(failure?.reason).toContain(reason);
    expect(failure?.passing).toBe(passing);
  });

  it('that is no JSON is no address', () => {
    expect(readSelf('Tailscale is stopped.')).toMatchObject({ ok: false });
  });

  it('may be refused', () => {
    expect(statusFailure('Access denied: status access denied').hint).toContain('--operator=$USER');
    expect(statusFailure('Command failed\nodd\n').reason).toBe('`tailscale status` failed: odd');
  });
});

describe('what tailscale serve says', () => {
  it.each([
    ['error: Funnel not available; HTTPS must be enabled. See https://tailscale.com/s/https.', 'HTTPS certificates'],
    ['updating config: Unable to turn on Funnel while shields-up is enabled', 'no connections in'],
    ['want to serve "https" but port is already serving "tcp" for "machine"', 'port 443'],
  ])('%s is understood', (stderr, reason) => {
    expect(serveFailure('funnel', 'tailscale funnel', { code: 1, stdout: '', stderr }).reason).toContain(reason);
  });

  it('is cut short when nobody knows it', () => {
    const stderr = 'x'.repeat(5000);
    expect(serveFailure('serve', 'tailscale serve 1', { code: 1, stdout: '', stderr }).reason.length).toBeLessThan(400);
    const slow = serveFailure('serve', 'tailscale serve 1', { code: null, stdout: '', stderr: '', endedBy: 'timeout' });
    expect(slow.reason).toBe('`tailscale serve 1` did not end in time.');
  });
});
