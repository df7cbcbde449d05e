import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { generate } from 'selfsigned';
import type { Timers } from '../processes/timers.js';
import { judgeCertificate, judgePatiently, NEWS_WITHIN_MS } from './own-certificate.js';

const ACCEPT = 0;
const ASK_CHROMIUM = -3;

let pem: string;
let fingerprint: string;

beforeAll(async () => {
  const made = await generate([{ name: 'commonName', value: 'test' }], { keyType: 'ec', curve: 'P-256' });
  pem = made.cert;
  fingerprint = new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();
});

describe('the certificate of the gateway', () => {
  it.each(['127.0.0.1', 'localhost'])('is accepted from %s when it is the pinned one', (hostname) => {
    expect(judgeCertificate({ hostname, pem }, fingerprint)).toBe(ACCEPT);
  });

  it.each(['example.org', '192.168.1.10', '127.0.0.1.example.org', 'localhost.example.org', ''])(
    'is left to Chromium from "%s", pinned or not',
    (hostname) => {
      expect(judgeCertificate({ hostname, pem }, fingerprint)).toBe(ASK_CHROMIUM);
    },
  );

  it('is left to Chromium when nothing, or another one, is pinned', () => {
    expect(judgeCertificate({ hostname: '127.0.0.1', pem }, undefined)).toBe(ASK_CHROMIUM);
    expect(judgeCertificate({ hostname: '127.0.0.1', pem }, 'ab'.repeat(32))).toBe(ASK_CHROMIUM);
    expect(judgeCertificate({ hostname: '127.0.0.1', pem: 'no certificate' }, fingerprint)).toBe(ASK_CHROMIUM);
  });
});

describe('a certificate that comes before its news', () => {
  function scene() {
    let pinned: string | undefined;
    const listeners = new Set<() => void>();
    const pending = new Map<() => void, number>();
    const timers: Timers = {
      now: () => 0,
      after(delayMs, run) {
        pending.set(run, delayMs);
        return () => void pending.delete(run);
      },
    };
    return {
      timers,
      pending,
      listeners,
      pin: {
        current: () => pinned,
        onNews(listener: () => void) {
          listeners.add(listener);
          return () => void listeners.delete(listener);
        },
      },
      tell(next: string | undefined) {
        pinned = next;
        for (const listener of [...listeners]) listener();
      },
    };
  }

  it('is accepted when the news comes in time', async () => {
    const { pin, timers, pending, listeners, tell } = scene();
    const verdict = judgePatiently({ hostname: '127.0.0.1', pem }, pin, timers);
    tell('ab'.repeat(32));
    tell(fingerprint);
    expect(await verdict).toBe(ACCEPT);
    expect([pending.size, listeners.size]).toEqual([0, 0]);
  });

  it('is left to Chromium when there is no news', async () => {
    const { pin, timers, pending, listeners } = scene();
    const verdict = judgePatiently({ hostname: 'localhost', pem }, pin, timers);
    expect([...pending.values()]).toEqual([NEWS_WITHIN_MS]);
    for (const run of [...pending.keys()]) run();
    expect(await verdict).toBe(ASK_CHROMIUM);
    expect(listeners.size).toBe(0);
  });

  it('keeps nobody else waiting', async () => {
    const { pin, timers, pending } = scene();
    expect(await judgePatiently({ hostname: 'example.org', pem }, pin, timers)).toBe(ASK_CHROMIUM);
    expect(pending.size).toBe(0);
  });
});
