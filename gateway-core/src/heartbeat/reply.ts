// Pure: what an agent's answer to a heartbeat means (spec/gateway-config.md §6: HEARTBEAT_OK, ackMaxChars).

const SILENT = 'NO_REPLY';
/** Marks that models put around a word: markdown, tags, quotes. */
const WRAP = '(?:</?[a-zA-Z][^<>]{0,40}>|&nbsp;|[*_~`"\'])*';
const AT_START = new RegExp(`^${WRAP}HEARTBEAT_OK(?![A-Za-z0-9_])${WRAP}[\\s.,:;!–—-]*`);
const AT_END = new RegExp(`[\\s,:;–—-]*(?<![A-Za-z0-9_])${WRAP}HEARTBEAT_OK${WRAP}[.!]?$`);

export type Reply =
  | { kind: 'empty' }
  /** All is well. */
  | { kind: 'ack' }
  | { kind: 'alert'; text: string };

/** The token and what is around it are found within this many characters of an end. */
const EDGE_CHARS = 100;

/** The text without the token; undefined when it has none at its edges. */
function withoutToken(text: string): string | undefined {
  const front = AT_START.exec(text.slice(0, EDGE_CHARS))?.[0] ?? '';
  const rest = text.slice(front.length).trim();
  const back = AT_END.exec(rest.slice(-EDGE_CHARS))?.[0] ?? '';
  const both = rest.slice(0, rest.length - back.length).trim();
  return both === text ? undefined : both;
}

/** Reads an answer. The token counts at its start or end, whatever marks are around it. */
export function readReply(text: string, ackMaxChars: number): Reply {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed === SILENT) return { kind: 'empty' };
  const rest = withoutToken(trimmed);
  if (rest === undefined) return { kind: 'alert', text: trimmed };
  return [...rest].length <= ackMaxChars ? { kind: 'ack' } : { kind: 'alert', text: rest };
}
