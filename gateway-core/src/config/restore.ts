// Puts secrets back where a client sent the placeholder that it was shown instead of them.
import { type ConfigIssue, REDACTED } from '../protocol/index.js';
import { isRecord, pathText } from './json-value.js';
import { commentSpans } from './json5-text.js';
import { idsOf } from './pair-items.js';
import { redactRaw, redactValue } from './redact.js';

export interface Restored {
  value: unknown;
  /** Placeholders that stand for nothing. */
  issues: ConfigIssue[];
}

type Path = readonly string[];

/** `scheme://[user@]host`, the part that decides where credentials go. */
const URL_PARTS = /^([a-z][a-z0-9+.-]*:\/\/)(?:([^/@\s]+)@)?([^/\s?#]*)/i;

function restoreUrl(text: string, saved: string): string | undefined {
  const sent = URL_PARTS.exec(text);
  const known = URL_PARTS.exec(saved);
  const sameHost = sent?.[1] === known?.[1] && sent?.[3] === known?.[3];
  if (sent?.[2] !== REDACTED || !known?.[2] || !sameHost) return undefined;
  return text.replace(`${REDACTED}@`, () => `${known[2] ?? ''}@`);
}

function restoreText(text: string, saved: unknown, path: Path, issues: ConfigIssue[]): unknown {
  if (!text.includes(REDACTED)) return text;
  if (text === REDACTED && saved !== undefined) return saved;
  if (typeof saved === 'string') {
    if (redactValue(saved, path) === text) return saved;
    const url = restoreUrl(text, saved);
    if (url !== undefined) return url;
  }
  issues.push({ path: pathText(path), message: `the placeholder "${REDACTED}" stands for no saved value` });
  return text;
}

function savedItems(sent: readonly unknown[], saved: unknown): (index: number) => unknown {
  if (!Array.isArray(saved)) return () => undefined;
  const savedIds = idsOf(saved);
  const sentIds = idsOf(sent);
  if (!savedIds || !sentIds) return (index) => saved[index] as unknown;
  return (index) => saved[savedIds.indexOf(sentIds[index] ?? '')] as unknown;
}

function restoreAt(sent: unknown, saved: unknown, path: Path, issues: ConfigIssue[]): unknown {
  if (typeof sent === 'string') return restoreText(sent, saved, path, issues);
  if (Array.isArray(sent)) {
    const savedAt = savedItems(sent, saved);
    return sent.map((item, index) => restoreAt(item, savedAt(index), [...path, String(index)], issues));
  }
  if (!isRecord(sent)) return sent;
  return Object.fromEntries(
    Object.entries(sent).map(([key, item]) => {
      const known = isRecord(saved) && Object.hasOwn(saved, key) ? saved[key] : undefined;
      return [key, restoreAt(item, known, [...path, key], issues)];
    }),
  );
}

/** `sent` with every placeholder replaced by what `saved` has at that place; items of lists by id, else by index. */
export function restoreRedacted(sent: unknown, saved: unknown): Restored {
  const issues: ConfigIssue[] = [];
  return { value: restoreAt(sent, saved, [], issues), issues };
}

const commentsOf = (text: string): string[] => commentSpans(text).map(({ start, end }) => text.slice(start, end));

/** `sent` with the comments of `saved` where a client sends back a comment as it was shown. */
export function restoreComments(sent: string, saved: string): string {
  const shown = redactRaw(saved);
  if (shown === null || !sent.includes(REDACTED)) return sent;
  const originals = commentsOf(saved);
  const known = new Map(commentsOf(shown).map((comment, index) => [comment, originals[index] ?? comment]));
  return commentSpans(sent).reduceRight((text, { start, end }) => {
    const comment = text.slice(start, end);
    return comment.includes(REDACTED) ? text.slice(0, start) + (known.get(comment) ?? comment) + text.slice(end) : text;
  }, sent);
}
