// Pure: the numbers of the `cron` section, with their defaults (spec/gateway-config.md §6).
import { type OpenClawConfig, parseDurationMs } from '../config/index.js';
import type { RunLogLimits } from './storage.js';

const DEFAULTS = { maxConcurrentRuns: 1, retention: '24h', maxBytes: 2_000_000, keepLines: 2000 } as const;
const SIZE = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?)b?\s*$/i;
const POWERS = ['', 'k', 'm', 'g', 't'];

type CronConfig = OpenClawConfig['cron'];

/** `2mb` or a number, in bytes. */
export function bytesOf(size: string | number): number | undefined {
  if (typeof size === 'number') return size;
  const [, amount, unit = ''] = SIZE.exec(size) ?? [];
  return amount === undefined ? undefined : Math.round(Number(amount) * 1024 ** POWERS.indexOf(unit.toLowerCase()));
}

export function maxConcurrentRuns(cron: CronConfig): number {
  return Math.max(1, Math.floor(cron?.maxConcurrentRuns ?? DEFAULTS.maxConcurrentRuns));
}

export function runLogLimits(cron: CronConfig): RunLogLimits {
  const { maxBytes, keepLines = DEFAULTS.keepLines } = cron?.runLog ?? {};
  return { maxBytes: bytesOf(maxBytes ?? DEFAULTS.maxBytes) ?? DEFAULTS.maxBytes, keepLines };
}

/** How long conversations of single runs are kept, in milliseconds; undefined for ever. */
export function retentionMs(cron: CronConfig): number | undefined {
  const { sessionRetention = DEFAULTS.retention } = cron ?? {};
  return sessionRetention === false ? undefined : parseDurationMs(sessionRetention, 'h');
}
