// Pure: the numbers of `session.maintenance`, with their defaults (spec/gateway-config.md §6).
import { type OpenClawConfig, parseDurationMs } from '../../config/index.js';

export interface MaintenanceSettings {
  /** `warn` says what would go, `enforce` removes it. */
  mode: 'warn' | 'enforce';
  /** Conversations without news for longer than this go, in milliseconds. */
  pruneAfterMs: number;
  maxEntries: number;
  /** An index beyond this is copied aside. */
  rotateBytes: number;
  /** How long transcripts of conversations that began anew are kept, in milliseconds; undefined for ever. */
  resetArchiveMs?: number;
  /** Of all files of one agent's conversations. */
  maxDiskBytes?: number;
  /** Once beyond `maxDiskBytes`, files go until this is reached. */
  highWaterBytes?: number;
}

const DAY_MS = 24 * 60 * 60_000;
const DEFAULTS = { mode: 'warn', pruneDays: 30, maxEntries: 500, rotateBytes: 10 * 1024 ** 2 } as const;
const HIGH_WATER_SHARE = 0.8;
const SIZE = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?)b?\s*$/i;
const POWERS = ['', 'k', 'm', 'g', 't'];

/** A bare number counts days. */
function spanMs(span: string | number | undefined): number | undefined {
  if (typeof span === 'number') return span * DAY_MS;
  return span === undefined ? undefined : parseDurationMs(span, 'd');
}

/** `10mb` or a number, in bytes. */
function bytesOf(size: string | number | undefined): number | undefined {
  if (typeof size !== 'string') return size;
  const [, amount, unit = ''] = SIZE.exec(size) ?? [];
  return amount === undefined ? undefined : Math.round(Number(amount) * 1024 ** POWERS.indexOf(unit.toLowerCase()));
}

export function maintenanceSettings(session: OpenClawConfig['session']): MaintenanceSettings {
  const own = session?.maintenance ?? {};
  const pruneAfterMs = spanMs(own.pruneAfter) ?? (own.pruneDays ?? DEFAULTS.pruneDays) * DAY_MS;
  const { resetArchiveRetention: kept } = own;
  const maxDiskBytes = bytesOf(own.maxDiskBytes);
  return {
    mode: own.mode ?? DEFAULTS.mode,
    pruneAfterMs,
    maxEntries: own.maxEntries ?? DEFAULTS.maxEntries,
    rotateBytes: bytesOf(own.rotateBytes) ?? DEFAULTS.rotateBytes,
    ...(kept !== false && { resetArchiveMs: spanMs(kept) ?? pruneAfterMs }),
    ...(maxDiskBytes !== undefined && {
      maxDiskBytes,
      highWaterBytes: Math.min(maxDiskBytes, bytesOf(own.highWaterBytes) ?? maxDiskBytes * HIGH_WATER_SHARE),
    }),
  };
}
