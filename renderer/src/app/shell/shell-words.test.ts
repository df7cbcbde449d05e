import { describe, expect, it } from 'vitest';
import type { HqStatus } from '../../data/derive-status.js';
import { type BannerFacts, pickBanner, QUIET_LOSS_MS } from './banner.js';
import { statusWords } from './status-words.js';

const status = (kind: HqStatus['kind'], more: Partial<HqStatus> = {}): HqStatus => ({ kind, working: 0, ...more });

describe('words of a status', () => {
  it.each([
    [status('starting', { step: 'opening the port' }), 'Starting – opening the port'],
    [status('starting', { step: 'connecting' }), 'Starting – connecting'],
    [status('starting'), 'Starting'],
    [status('ready'), 'Ready'],
    [status('working', { working: 1 }), '1 agent working'],
    [status('working', { working: 3 }), '3 agents working'],
    [status('stopped'), 'Stopped'],
    [status('failed', { reason: { code: 'x', message: 'The port is taken.' } }), 'Cannot start – The port is taken'],
    [status('reconnecting', { lastSeenMs: 8_000 }), 'Reconnecting · last seen 12 s ago'],
    [status('reconnecting'), 'Reconnecting'],
  ])('%o → %s', (value, words) => {
    expect(statusWords(value, 20_000)).toBe(words);
  });

  it('tells a refused sign-in from a gateway that does not start', () => {
    const refused = status('failed', { reason: { code: 'x', message: 'Wrong token.' } });
    expect(statusWords(refused, 0, true)).toBe('Cannot connect – Wrong token');
  });
});

describe('the one banner', () => {
  const facts = (more: Partial<BannerFacts>): BannerFacts => ({
    status: status('ready'),
    isUnsaved: false,
    everReady: true,
    lostForMs: 0,
    ...more,
  });

  it.each<[string, Partial<BannerFacts>, string | undefined]>([
    ['none when all is well', {}, undefined],
    ['none for a short interruption', { status: status('reconnecting'), lostForMs: QUIET_LOSS_MS - 1 }, undefined],
    ['reconnecting after that', { status: status('reconnecting'), lostForMs: QUIET_LOSS_MS }, 'degraded'],
    ['stopped at once', { status: status('stopped') }, 'blocked'],
    [
      'none before the first connection, where the page speaks',
      { status: status('failed'), everReady: false },
      undefined,
    ],
    ['data at risk before everything else', { status: status('failed'), isUnsaved: true }, 'data'],
  ])('%s', (_, more, rank) => {
    expect(pickBanner(facts(more))?.rank).toBe(rank);
  });
});
