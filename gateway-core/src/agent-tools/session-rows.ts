// Rows of sessions_list: what a conversation looks like there, made once and kept until it changes.
import path from 'node:path';
import { buildSessionRow, type FoundSession, type SessionModelDefaults } from '../sessions/index.js';

/** What kind of conversation the key means: main, cron, hook, node, group or other. */
export function kindOf({ key, agentId, entry }: FoundSession): string {
  const rest = key.slice(`agent:${agentId}:`.length);
  if (rest === 'main') return 'main';
  if (/^(cron|hook|node)[:-]/.test(rest)) return rest.slice(0, 4);
  return entry.chatType === 'group' || entry.chatType === 'channel' ? 'group' : 'other';
}

function describeRow(found: FoundSession, folder: string, defaults: SessionModelDefaults): Record<string, unknown> {
  const { entry } = found;
  const row = buildSessionRow(found.key, entry, defaults);
  const { kind: _kind, modelProvider: _provider, origin: _origin, chatType: _chat, ...shown } = row;
  const { deliveryContext, lastChannel, lastTo } = entry;
  return {
    ...shown,
    kind: kindOf(found),
    channel: entry.channel ?? 'webchat',
    ...(deliveryContext !== undefined && { deliveryContext }),
    ...(lastChannel !== undefined && { lastChannel }),
    ...(lastTo !== undefined && { lastTo }),
    transcriptPath: path.join(folder, path.basename(entry.sessionFile ?? `${entry.sessionId}.jsonl`)),
  };
}

export interface RenderedRow {
  model: string;
  /** JSON of the row. */
  plain: string;
  /** The indented JSON of the row, escaped for the inside of a JSON text. */
  indented: string;
}

/** An entry is replaced when it changes, so its JSON is made once. That keeps lists cheap, however often they are asked for. */
export class RowCache {
  readonly #rows = new WeakMap<object, RenderedRow>();

  render(found: FoundSession, folder: string, defaults: SessionModelDefaults): RenderedRow {
    const model = `${defaults.provider}/${defaults.model}/${defaults.contextTokens}`;
    const known = this.#rows.get(found.entry);
    if (known?.model === model) return known;
    const row = describeRow(found, folder, defaults);
    const text = JSON.stringify(row, null, 2).replaceAll('\n', '\n    ');
    const rendered = { model, plain: JSON.stringify(row), indented: JSON.stringify(`    ${text}`).slice(1, -1) };
    this.#rows.set(found.entry, rendered);
    return rendered;
  }
}

/** The JSON of the whole result of sessions_list: `{"content":[…],"details":{count, sessions}}`. */
export function joinRows(rows: readonly RenderedRow[]): string {
  const plain = rows.map((row) => row.plain).join(',');
  const indented = rows.map((row) => row.indented).join(',\\n');
  const list = rows.length === 0 ? '[]' : `[\\n${indented}\\n  ]`;
  const text = `{\\n  \\"count\\": ${rows.length},\\n  \\"sessions\\": ${list}\\n}`;
  return `{"content":[{"type":"text","text":"${text}"}],"details":{"count":${rows.length},"sessions":[${plain}]}}`;
}
