// Pure: which days a usage question is about, and which day a moment belongs to.

export interface RangeQuestion {
  startDate?: string;
  endDate?: string;
  days?: number;
  mode?: 'utc' | 'gateway' | 'specific';
  /** `UTC+5`, `UTC-3:30`; for mode `specific`. */
  utcOffset?: string;
}

export interface DayRange {
  startMs: number;
  /** The last millisecond. */
  endMs: number;
  startDate: string;
  endDate: string;
  dayOf(timeMs: number): string;
}

export const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
const MINUTE_MS = 60_000;

interface DayZone {
  dayOf(timeMs: number): string;
  startOf(day: string): number;
}

const two = (value: number) => String(value).padStart(2, '0');

const gatewayZone: DayZone = {
  dayOf: (timeMs) => {
    const date = new Date(timeMs);
    return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  },
  startOf: (day) => new Date(`${day}T00:00:00`).getTime(),
};

function fixedZone(offsetMinutes: number): DayZone {
  const shift = offsetMinutes * MINUTE_MS;
  return {
    dayOf: (timeMs) => new Date(timeMs + shift).toISOString().slice(0, 10),
    startOf: (day) => Date.parse(`${day}T00:00:00Z`) - shift,
  };
}

function parseOffset(text: string | undefined): number {
  const [, sign, hours, minutes = '0'] = /^UTC([+-])(\d{1,2})(?::(\d{2}))?$/.exec(text ?? '') ?? [];
  if (hours === undefined) return 0;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

function zoneOf({ mode, utcOffset }: RangeQuestion): DayZone {
  if (mode === 'gateway') return gatewayZone;
  return fixedZone(mode === 'specific' ? parseOffset(utcOffset) : 0);
}

/** A start that is a day of the calendar, or undefined. */
function startOf(zone: DayZone, day: string | undefined): number | undefined {
  const start = day === undefined ? Number.NaN : zone.startOf(day);
  return Number.isNaN(start) ? undefined : start;
}

/** The range asked for; the last thirty days when nothing is asked. */
export function dayRange(question: RangeQuestion, nowMs: number): DayRange {
  const zone = zoneOf(question);
  const [from, to] = [startOf(zone, question.startDate), startOf(zone, question.endDate)];
  const today = zone.startOf(zone.dayOf(nowMs));
  const isGiven = from !== undefined && to !== undefined && from <= to;
  const lastDay = isGiven ? to : today;
  const firstDay = isGiven ? from : today - ((question.days ?? DEFAULT_DAYS) - 1) * DAY_MS;
  const endMs = lastDay + DAY_MS - 1;
  return {
    startMs: firstDay,
    endMs,
    startDate: zone.dayOf(firstDay),
    endDate: zone.dayOf(lastDay),
    dayOf: zone.dayOf,
  };
}
