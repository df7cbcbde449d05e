// Pure: whether an agent may look around at a time of the day (spec/gateway-config.md §6, activeHours).

export interface ActiveHours {
  /** HH:MM, inclusive. */
  start?: string;
  /** HH:MM or 24:00, exclusive; before `start` it is that time of the next day. */
  end?: string;
  /** `user`, `local`, or a zone of the IANA list. */
  timezone?: string;
}

const CLOCK = /^([01]\d|2[0-3]):([0-5]\d)$/;
const DAY = 24 * 60;

function minutesOf(text: string | undefined): number | undefined {
  if (text === '24:00') return DAY;
  const [, hours, minutes] = CLOCK.exec(text ?? '') ?? [];
  return hours === undefined ? undefined : Number(hours) * 60 + Number(minutes);
}

/** Reads the clock of a zone; of the host where there is no such zone. */
export type WallClock = (timeZone: string | undefined, atMs: number) => number;

/** Remembers what is costly to make. */
export function createWallClock(): WallClock {
  const formats = new Map<string, Intl.DateTimeFormat>();
  const make = (timeZone: string | undefined): Intl.DateTimeFormat => {
    const options = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
    try {
      return new Intl.DateTimeFormat('en-GB', { ...options, timeZone });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return new Intl.DateTimeFormat('en-GB', options);
    }
  };
  return (timeZone, atMs) => {
    const known = formats.get(timeZone ?? '');
    const format = known ?? make(timeZone);
    if (!known) formats.set(timeZone ?? '', format);
    return minutesOf(format.format(atMs)) ?? 0;
  };
}

export interface Zones {
  /** `agents.defaults.userTimezone`. */
  user?: string;
  /** The zone of the host; found out when absent. */
  host?: string;
}

function zoneOf(timezone: string | undefined, { user, host }: Zones): string | undefined {
  const name = timezone?.trim() ?? 'user';
  if (name === 'local') return host;
  return name === 'user' || name === '' ? (user ?? host) : name;
}

/** True without both ends; never for hours that end as they begin. */
export function isActive(hours: ActiveHours | undefined, atMs: number, zones: Zones, wall: WallClock): boolean {
  const start = minutesOf(hours?.start);
  const end = minutesOf(hours?.end);
  if (start === undefined || end === undefined) return true;
  const now = wall(zoneOf(hours?.timezone, zones), atMs);
  return start <= end ? now >= start && now < end : now >= start || now < end;
}
