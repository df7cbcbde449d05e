// Pure: the line in which apps report that they are there, `Node: <host> (<ip>) · app <v> · …`.
import type { PresenceEntry, SystemEventParams } from '../protocol/index.js';

export type PresenceNote = Omit<PresenceEntry, 'ts'>;

const LINE = /^node:\s*/i;
const SEPARATOR = /\s+·\s+/;

/** True for a line that says nothing but who is there. */
export function isPresenceLine(text: string): boolean {
  return LINE.test(text.trim());
}

function parseHost(part: string): PresenceNote {
  const [, host, ip] = /^(.*?)\s*(?:\(([^()]*)\))?$/.exec(part.trim()) ?? [];
  return { ...(host && { host: host.trim() }), ...(ip && { ip: ip.trim() }) };
}

function parsePart(part: string): PresenceNote {
  const [, word, rest] = /^(app|mode|reason|last input)\s+(.+)$/i.exec(part.trim()) ?? [];
  if (word === undefined || rest === undefined) return {};
  switch (word.toLowerCase()) {
    case 'app':
      return { version: rest };
    case 'mode':
      return { mode: rest };
    case 'reason':
      return { reason: rest };
    default: {
      const seconds = Number.parseInt(rest, 10);
      return Number.isNaN(seconds) ? {} : { lastInputSeconds: seconds };
    }
  }
}

/** What a presence line tells. */
export function parsePresenceLine(text: string): PresenceNote {
  const [first = '', ...parts] = text.trim().replace(LINE, '').split(SEPARATOR);
  return Object.assign(parseHost(first), ...parts.map(parsePart)) as PresenceNote;
}

/** The presence entry behind a `system-event`: its own fields first, then those of its line. */
export function presenceOf(params: SystemEventParams): PresenceNote {
  const given = Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = isPresenceLine(params.text) ? parsePresenceLine(params.text) : {};
  return { ...parsed, ...given, text: params.text.trim() };
}
