// Takes secrets out of a config before it leaves the gateway.
import { REDACTED } from '../protocol/index.js';
import { isRecord } from './json-value.js';
import { commentSpans, membersOf, parseText, type Span, type TextNode, textOf } from './json5-text.js';
import { isSecretRef } from './secrets.js';

const SECRET_NAME =
  /(?:token|password|passphrase|passwd|secret|api[-_]?key|private[-_]?key|access[-_]?key|encrypt(?:ion)?[-_]?key|signing[-_]?key|credential|credentials|authorization|cookie|service[-_]?account|(?:identity|certificate|knownhosts)data)$/i;
/** The same in prose: `token: "…"`, `apiKey = …` in a comment. */
const SECRET_IN_COMMENT =
  /((?:token|password|passphrase|secret|api[-_]?key|private[-_]?key|credentials?|authorization|cookie)["']?\s*[:=]\s*)(?:"[^"\n]*"|'[^'\n]*'|[^\s,}"']+)/gi;
const KEY_LIKE = /\b(?:sk|pk|rk|xox[abp])-[A-Za-z0-9_-]{12,}/g;
/** Free tables whose values may all be secrets. */
const SECRET_TABLES = new Set(['headers', 'env', 'vars']);
const ONLY_REFERENCE = /^\$\{[A-Z_][A-Z0-9_]*\}$/;
const URL_CREDENTIALS = /^([a-z][a-z0-9+.-]*:\/\/)[^/@\s]+@/i;

/** True when the text at `path` must not be shown. A bare `${VAR}` names a secret without being one. */
function isSecretText(path: readonly string[], text: string): boolean {
  if (text === '' || ONLY_REFERENCE.test(text)) return false;
  const key = path.at(-1) ?? '';
  if (SECRET_NAME.test(key)) return true;
  const owner = path.slice(0, -1).findLast((name) => !/^\d+$/.test(name)) ?? '';
  if (/^\d+$/.test(key) && SECRET_NAME.test(owner)) return true;
  if (key === 'value' && owner === 'auth') return true;
  return SECRET_TABLES.has(path.at(-2) ?? '');
}

function redactText(path: readonly string[], text: string): string {
  if (isSecretText(path, text)) return REDACTED;
  return URL_CREDENTIALS.test(text) ? text.replace(URL_CREDENTIALS, `$1${REDACTED}@`) : text;
}

/** A copy of a config value with every secret replaced by the placeholder. */
export function redactValue(value: unknown, path: readonly string[] = []): unknown {
  if (typeof value === 'string') return redactText(path, value);
  if (typeof value === 'number' && SECRET_NAME.test(path.at(-1) ?? '')) return REDACTED;
  if (Array.isArray(value)) return value.map((item, index) => redactValue(item, [...path, String(index)]));
  if (!isRecord(value) || isSecretRef(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactValue(item, [...path, key])]));
}

interface Cut extends Span {
  text: string;
}

function commentCuts(source: string): Cut[] {
  return commentSpans(source).flatMap((span) => {
    const comment = source.slice(span.start, span.end);
    const text = comment.replace(SECRET_IN_COMMENT, `$1"${REDACTED}"`).replace(KEY_LIKE, REDACTED);
    return text === comment ? [] : [{ ...span, text }];
  });
}

function cutsOf(node: TextNode, path: readonly string[], source: string): { cuts: Cut[]; secrets: string[] } {
  if (node.kind === 'scalar') {
    const value = node.value;
    const shown = redactValue(value, path);
    if (shown === value) return { cuts: [], secrets: [] };
    const quote = source[node.start] === "'" ? "'" : '"';
    const cut = { start: node.start, end: node.end, text: `${quote}${String(shown)}${quote}` };
    return { cuts: [cut], secrets: typeof value === 'string' ? [value] : [] };
  }
  if (node.kind === 'object' && isSecretRef(textOf(node))) return { cuts: [], secrets: [] };
  const inner = membersOf(node).map(([key, child]) => cutsOf(child, [...path, key], source));
  return { cuts: inner.flatMap((part) => part.cuts), secrets: inner.flatMap((part) => part.secrets) };
}

/**
 * The file's text with its secrets replaced in place, comments and layout kept; secrets in
 * comments go too. Null when the text cannot be parsed: what cannot be understood cannot be cleaned.
 */
export function redactRaw(raw: string): string | null {
  const root = parseText(raw);
  if (!root) return null;
  const { cuts, secrets } = cutsOf(root, [], raw);
  const cleaned = [...cuts, ...commentCuts(raw)]
    .sort((a, b) => b.start - a.start)
    .reduce((text, cut) => text.slice(0, cut.start) + cut.text + text.slice(cut.end), raw);
  return secrets
    .filter((secret) => secret.length >= 8)
    .reduce((text, secret) => text.replaceAll(secret, REDACTED), cleaned);
}
