// Pure: a time as people write it, in a zone or with one, as a moment.

const HAS_ZONE = /(?:z|[+-]\d{2}:?\d{2})$/i;
const DATE_ONLY = /^\d{4}-\d{2}-\d{2}$/;

/** What a clock of the zone shows at a moment, as if it were UTC. Throws a RangeError for a zone that does not exist. */
function shownMs(atMs: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en-CA', {
    ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
  });
  const parts = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
  const { year, month, day, hour, minute, second } = parts;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/**
 * The moment in epoch milliseconds, NaN for a text that is no time. A time without a zone is one of `timeZone`, of UTC
 * when that is absent; one that the clocks there skip comes an hour later. Throws a RangeError for an unknown zone.
 */
export function wallTimeMs(text: string, timeZone?: string): number {
  const trimmed = text.trim();
  if (HAS_ZONE.test(trimmed) && !DATE_ONLY.test(trimmed)) return Date.parse(trimmed);
  const asUtc = Date.parse(DATE_ONLY.test(trimmed) ? trimmed : `${trimmed}Z`);
  if (timeZone === undefined || Number.isNaN(asUtc)) return asUtc;
  const guess = asUtc - (shownMs(asUtc, timeZone) - asUtc);
  const better = guess - (shownMs(guess, timeZone) - asUtc);
  return shownMs(better, timeZone) === asUtc ? better : Math.max(guess, better);
}
