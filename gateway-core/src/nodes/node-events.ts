// What nodes report by themselves (`node.event`), read and handed on (spec/gateway-protocol.md §7.9).

/** A person spoke, or an app asked on their behalf: a message for an agent. */
export interface NodeMessage {
  nodeId: string;
  sessionKey?: string;
  message: string;
  /** Deliver the answer to a channel. */
  deliver?: boolean;
  channel?: string;
  to?: string;
  thinking?: string;
  timeoutSeconds?: number;
  /** The same twice is one message. */
  key?: string;
}

/** Where reports of nodes go. Rooms that run agents are behind these calls. */
export interface NodeEventSinks {
  /** Starts a run. */
  message(source: 'voice' | 'agent', message: NodeMessage): void;
  /** Queues a line for the next run of a conversation. */
  systemEvent(event: { text: string; sessionKey?: string; contextKey: string }): void;
  /** A node wants to hear the chat of a conversation, or no longer. */
  chatSubscription(change: { nodeId: string; connId: string; sessionKey: string; isOn: boolean }): void;
}

type Fields = Record<string, unknown>;

const MAX_TEXT = 20_000;
const MAX_LINE = 400;

/** The payload of an event, given as a value or as JSON text; an empty one when it is neither. */
export function eventFields(payload: unknown, payloadJSON: string | null | undefined): Fields {
  if (payload !== null && typeof payload === 'object' && !Array.isArray(payload)) return payload as Fields;
  if (!payloadJSON) return {};
  try {
    const value: unknown = JSON.parse(payloadJSON);
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Fields) : {};
  } catch {
    // A report that cannot be read says nothing; the node is not to blame its user for it.
    return {};
  }
}

function textOf(fields: Fields, ...keys: string[]): string | undefined {
  for (const key of keys) {
    const value = fields[key];
    if (typeof value === 'string' && value.trim() !== '') return value.trim();
  }
  return undefined;
}

function line(text: string): string {
  const flat = text.replace(/\s+/g, ' ').trim();
  return flat.length <= MAX_LINE ? flat : `${flat.slice(0, MAX_LINE - 1)}…`;
}

function numberOf(fields: Fields, key: string): number | undefined {
  const value = fields[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function notificationText(nodeId: string, fields: Fields): string | undefined {
  const key = textOf(fields, 'key');
  const change = textOf(fields, 'change') ?? 'posted';
  if (key === undefined) return undefined;
  const about = ['packageName', 'package', 'title', 'text'].flatMap((name) => textOf(fields, name) ?? []);
  return line(`Notification ${change} on node ${nodeId} (${key})${about.length > 0 ? `: ${about.join(' — ')}` : ''}`);
}

function execText(event: string, nodeId: string, fields: Fields): string | undefined {
  const command = textOf(fields, 'command');
  const run = textOf(fields, 'runId');
  const where = `node ${nodeId}${run ? `, run ${run}` : ''}`;
  if (event === 'exec.started') return line(`Exec started (${where})${command ? `: ${command}` : ''}`);
  if (event === 'exec.denied') {
    const reason = textOf(fields, 'reason');
    return line(`Exec denied (${where}${reason ? `, ${reason}` : ''})${command ? `: ${command}` : ''}`);
  }
  const output = textOf(fields, 'output');
  const code = numberOf(fields, 'exitCode');
  // A quiet success needs no attention.
  if (code === 0 && output === undefined && fields.timedOut !== true) return undefined;
  const end = fields.timedOut === true ? 'timed out' : `code ${code ?? '?'}`;
  return line(`Exec finished (${where}, ${end})${output ? `: ${output}` : ''}`);
}

function messageOf(nodeId: string, fields: Fields, text: string): NodeMessage {
  const timeoutSeconds = numberOf(fields, 'timeoutSeconds');
  const optional = {
    sessionKey: textOf(fields, 'sessionKey'),
    channel: textOf(fields, 'channel'),
    to: textOf(fields, 'to'),
    thinking: textOf(fields, 'thinking'),
    key: textOf(fields, 'eventId', 'providerEventId', 'transcriptId', 'key'),
  };
  const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
  return {
    nodeId,
    message: text,
    ...given,
    ...(fields.deliver === true && { deliver: true }),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
  };
}

export interface NodeReport {
  nodeId: string;
  connId: string;
  event: string;
  fields: Fields;
}

function handMessage(report: NodeReport, source: 'voice' | 'agent', sinks: NodeEventSinks): boolean {
  const text = textOf(report.fields, source === 'voice' ? 'text' : 'message');
  if (text === undefined || text.length > MAX_TEXT) return false;
  sinks.message(source, messageOf(report.nodeId, report.fields, text));
  return true;
}

function handLine(report: NodeReport, text: string | undefined, sinks: NodeEventSinks): boolean {
  if (text === undefined) return false;
  const { fields, nodeId, event } = report;
  const sessionKey = textOf(fields, 'sessionKey');
  const contextKey = `${event}:${nodeId}:${textOf(fields, 'runId', 'key') ?? ''}`;
  sinks.systemEvent({ text, contextKey, ...(sessionKey !== undefined && { sessionKey }) });
  return true;
}

function handSubscription({ nodeId, connId, fields }: NodeReport, isOn: boolean, sinks: NodeEventSinks): boolean {
  const sessionKey = textOf(fields, 'sessionKey');
  if (sessionKey === undefined) return false;
  sinks.chatSubscription({ nodeId, connId, sessionKey, isOn });
  return true;
}

/** Hands a report to whoever it is for; false for kinds we do not know and reports that lack what they need. */
export function handOn(report: NodeReport, sinks: NodeEventSinks): boolean {
  switch (report.event) {
    case 'voice.transcript':
      return handMessage(report, 'voice', sinks);
    case 'agent.request':
      return handMessage(report, 'agent', sinks);
    case 'notifications.changed':
      return handLine(report, notificationText(report.nodeId, report.fields), sinks);
    case 'exec.started':
    case 'exec.finished':
    case 'exec.denied':
      return handLine(report, execText(report.event, report.nodeId, report.fields), sinks);
    case 'chat.subscribe':
      return handSubscription(report, true, sinks);
    case 'chat.unsubscribe':
      return handSubscription(report, false, sinks);
    default:
      return false;
  }
}
