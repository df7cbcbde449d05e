// Spans of time as the config writes them: `30m`, `1h30m`, `500ms`.

const UNIT_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const PART = /(\d+(?:\.\d+)?)\s*(ms|[smhd])?/gi;
const WHOLE = /^\s*(?:\d+(?:\.\d+)?\s*(?:ms|[smhd])?|(?:\d+(?:\.\d+)?(?:ms|[smhd]))+)\s*$/i;

/** Milliseconds of `text`; a bare number counts in `unit`. Undefined when it is not a duration. */
export function parseDurationMs(text: string, unit: 'ms' | 's' | 'm' | 'h' | 'd' = 'm'): number | undefined {
  if (!WHOLE.test(text)) return undefined;
  let total = 0;
  for (const [, amount, name] of text.matchAll(PART)) {
    total += Number(amount) * (UNIT_MS[name?.toLowerCase() ?? unit] ?? 0);
  }
  return Math.round(total);
}
