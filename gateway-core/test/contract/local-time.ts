// Wall clocks of a year, minute by minute, read from Intl alone: what schedules are compared with.

export interface LocalMinute {
  /** Epoch milliseconds. */
  at: number;
  /** 2026-03-29 */
  date: string;
  month: number;
  day: number;
  /** 0 is Sunday. */
  weekday: number;
  minuteOfDay: number;
}

const MINUTE_MS = 60_000;

/** Every minute from `fromMs` to `toMs` as the clocks of `timeZone` show it. */
export function localMinutes(timeZone: string, fromMs: number, toMs: number): LocalMinute[] {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const minutes: LocalMinute[] = [];
  for (let at = fromMs; at < toMs; at += MINUTE_MS) {
    const text = format.format(at);
    const date = text.slice(0, 10);
    minutes.push({
      at,
      date,
      month: Number(date.slice(5, 7)),
      day: Number(date.slice(8, 10)),
      weekday: new Date(`${date}T12:00:00Z`).getUTCDay(),
      minuteOfDay: Number(text.slice(11, 13)) * 60 + Number(text.slice(14, 16)),
    });
  }
  return minutes;
}

/** A wall-clock time that is meant once a day: its first minute, or the first minute after a gap that swallows it. */
export function oncePerDay(
  minutes: readonly LocalMinute[],
  timesOfDay: readonly number[],
  isDay: (minute: LocalMinute) => boolean = () => true,
): number[] {
  const found = new Set<number>();
  const done = new Set<string>();
  // The first day may have begun before the year.
  const firstDate = minutes[0]?.date;
  for (const minute of minutes) {
    if (!isDay(minute)) continue;
    for (const time of timesOfDay) {
      const key = `${minute.date} ${time}`;
      if (minute.minuteOfDay < time || done.has(key)) continue;
      done.add(key);
      if (minute.date !== firstDate || minute.minuteOfDay === time) found.add(minute.at);
    }
  }
  return [...found].sort((a, b) => a - b);
}

/** A pattern of the wall clock: every minute that fits, also one that comes twice. */
export function everyTime(minutes: readonly LocalMinute[], fits: (minute: LocalMinute) => boolean): number[] {
  return minutes.filter(fits).map(({ at }) => at);
}
