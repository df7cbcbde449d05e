// Pure: which questions are announced and which announcements are withdrawn, and how their texts look.
import type { WaitingQuestion } from '../../contract/desktop.js';

/** No page can flood the desktop: so many announcements in this time. What is over stays in the window's own list. */
export const MOST_ANNOUNCED = 6;
export const WITHIN_MS = 60_000;

const MAX_TITLE = 80;
const MAX_BODY = 160;

export interface Known {
  /** Questions of the last list, announced or not: each gets one chance. */
  ids: ReadonlySet<string>;
  /** When the last ones were announced, oldest first. */
  announcedAtMs: readonly number[];
}

export interface Plan {
  announce: readonly WaitingQuestion[];
  withdraw: readonly string[];
  /** What is known afterwards. */
  known: Known;
}

export interface Moment {
  /** The person looks at the window, where the questions stand. */
  isInFront: boolean;
  nowMs: number;
}

/** `waiting` is all that waits now; a question that was known before is not announced again. */
export function planAnnouncements(known: Known, waiting: readonly WaitingQuestion[], moment: Moment): Plan {
  const { isInFront, nowMs } = moment;
  const byId = new Map(waiting.map((question) => [question.id, question]));
  const fresh = [...byId.values()].filter(({ id }) => !known.ids.has(id));
  const recent = known.announcedAtMs.filter((atMs) => atMs > nowMs - WITHIN_MS);
  const announce = isInFront ? [] : fresh.slice(0, Math.max(0, MOST_ANNOUNCED - recent.length));
  return {
    announce,
    withdraw: [...known.ids].filter((id) => !byId.has(id)),
    known: { ids: new Set(byId.keys()), announcedAtMs: [...recent, ...announce.map(() => nowMs)] },
  };
}

// Characters of several kinds draw nothing or turn the reading direction; half a surrogate is one of them.
const UNSEEN = /[\p{Cf}\p{Co}\p{Cs}]/gu;
const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}\s]+/gu;

function oneLine(text: string, maxChars: number): string {
  const chars = [...text.replace(BREAKS, ' ').replace(UNSEEN, '').trim()];
  return chars.length <= maxChars
    ? chars.join('')
    : `${chars
        .slice(0, maxChars - 1)
        .join('')
        .trimEnd()}…`;
}

// Desktops of Linux may read the body as markup, and differ in whether they undo an escape; these look alike everywhere.
const ALIKE: Readonly<Record<string, string>> = { '<': '‹', '>': '›', '&': '＆' };

/** What the system is given: one short line each, and no markup. */
export function announcementTexts(
  { title, body }: Pick<WaitingQuestion, 'title' | 'body'>,
  platform: NodeJS.Platform,
): { title: string; body: string } {
  const plain = (text: string): string =>
    platform === 'linux' ? text.replace(/[<>&]/g, (char) => ALIKE[char] ?? char) : text;
  return { title: plain(oneLine(title, MAX_TITLE)), body: plain(oneLine(body, MAX_BODY)) };
}
