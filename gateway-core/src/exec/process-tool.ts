// The process tool: follows the commands of an agent that run in the background.
import type { OpenClawConfig } from '../config/index.js';
import { AppError } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import { errorResult, textResult, type Tool, type ToolContext, type ToolResult } from '../tools/index.js';
import { endingOf } from './exec-results.js';
import { refuseElevated } from './exec-settings.js';
import { hexBytes, keyBytes, pasteBytes } from './key-bytes.js';
import { listSessions, nameOf, showLog } from './process-listing.js';
import { isWithinReach, placeOf, type Reach } from './process-reach.js';
import type { ProcessSession } from './process-session.js';
import type { ProcessTable } from './process-table.js';

interface Call {
  args: Record<string, unknown>;
  context: ToolContext;
  session: ProcessSession;
  table: ProcessTable;
  clock: Clock;
}

type Action = (call: Call) => ToolResult | Promise<ToolResult>;

const MAX_POLL_MS = 120_000;

function text(args: Record<string, unknown>, key: string): string | undefined {
  const value = args[key];
  return typeof value === 'string' ? value : undefined;
}

function texts(args: Record<string, unknown>, key: string): string[] {
  const value = args[key];
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function statusOf(session: ProcessSession): 'running' | 'completed' | 'failed' {
  if (session.isRunning) return 'running';
  return session.isCompleted ? 'completed' : 'failed';
}

function details(session: ProcessSession, more: Record<string, unknown> = {}) {
  const { id, exitCode, signal } = session;
  return {
    status: statusOf(session),
    sessionId: id,
    name: nameOf(session),
    ...(!session.isRunning && { exitCode }),
    ...(signal !== null && { exitSignal: signal }),
    ...more,
  };
}

/** Resolves when something new is there, it ended, the time is up, or the run is stopped. */
function somethingNew({ session, context, clock }: Call, waitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cleanups: Array<() => void> = [];
    const finish = (): void => {
      for (const cleanup of cleanups) cleanup();
      resolve();
    };
    const timer = clock.after(waitMs, finish);
    const stopListening = session.onChange(finish);
    context.signal.addEventListener('abort', finish, { once: true });
    cleanups.push(() => timer.cancel(), stopListening);
    cleanups.push(() => context.signal.removeEventListener('abort', finish));
    if (context.signal.aborted) finish();
  });
}

async function poll(call: Call): Promise<ToolResult> {
  const { session, args, context } = call;
  const waitMs = Math.min(MAX_POLL_MS, Math.max(0, Number(args.timeout) || 0));
  let fresh = session.output.drain();
  if (fresh === '' && waitMs > 0 && session.isRunning) {
    session.isWatched = true;
    await somethingNew(call, waitMs);
    session.isWatched = false;
    context.signal.throwIfAborted();
    fresh = session.output.drain();
  }
  const state = session.isRunning ? 'Process still running.' : (endingOf(session) ?? '(Command exited with code 0)');
  const shown = fresh.trim() === '' ? '(no new output)' : fresh;
  const aggregated = session.output.text();
  return textResult(`${shown}\n\n${state}`, details(session, { aggregated }));
}

function log({ session, args }: Call): ToolResult {
  const page = showLog(session.output.text(), { offset: args.offset, limit: args.limit });
  const { shown, ...counts } = page;
  const { isCut: truncated, totalChars } = session.output;
  return textResult(shown, details(session, { ...counts, totalChars, truncated }));
}

function requireRunning(session: ProcessSession): void {
  if (session.isRunning) return;
  throw new AppError('exec.input_closed', { message: `Session ${session.id} has ended.` });
}

async function send({ session }: Call, data: string | Buffer, what: string): Promise<ToolResult> {
  requireRunning(session);
  await session.write(data);
  return textResult(`${what} session ${session.id}.`, details(session));
}

async function write(call: Call): Promise<ToolResult> {
  const { session, args } = call;
  const data = text(args, 'data') ?? '';
  const isEnd = args.eof === true;
  requireRunning(session);
  if (data !== '') await session.write(data);
  if (isEnd) session.endInput();
  const what = `Wrote ${Buffer.byteLength(data)} bytes to session ${session.id}`;
  return textResult(isEnd ? `${what} and ended its input.` : `${what}.`, details(session));
}

function sendKeys(call: Call): ToolResult | Promise<ToolResult> {
  const { args, session } = call;
  const keys = keyBytes(texts(args, 'keys'), session.hasOtherArrows);
  if ('unknown' in keys) return errorResult(`"${keys.unknown}" is no key. Nothing was sent.`, details(session));
  const hex = hexBytes(texts(args, 'hex'));
  if (hex === undefined) return errorResult('hex must be pairs of hex digits. Nothing was sent.', details(session));
  const data = Buffer.concat([Buffer.from(text(args, 'literal') ?? ''), hex, Buffer.from(keys.data)]);
  if (data.length === 0) return errorResult('Name at least one key in "keys".', details(session));
  return send(call, data, 'Sent keys to');
}

function paste(call: Call): ToolResult | Promise<ToolResult> {
  const { args, session } = call;
  const pasted = text(args, 'text') ?? text(args, 'data') ?? '';
  if (pasted === '') return errorResult('Pass what to paste as "text".', details(session));
  // Only a terminal program knows the marks around what is pasted.
  return send(call, pasteBytes(pasted, session.isTty && args.bracketed !== false), 'Pasted into');
}

async function kill({ session }: Call): Promise<ToolResult> {
  if (!session.isRunning && !session.hasSurvivors()) {
    return errorResult(`Session ${session.id} has ended already.`, details(session));
  }
  const isGone = await session.end('kill');
  if (isGone) return textResult(`Ended session ${session.id}.`, details(session));
  return errorResult(`Session ${session.id} cannot be ended.`, details(session));
}

function clear({ session, table }: Call): ToolResult {
  if (session.isRunning) return errorResult(`Session ${session.id} still runs. Use kill or remove.`, details(session));
  table.forget(session.id);
  return textResult(`Cleared session ${session.id}.`, details(session));
}

async function remove(call: Call): Promise<ToolResult> {
  const { session, table } = call;
  if (session.isRunning) await session.end('kill');
  table.forget(session.id);
  return textResult(`Removed session ${session.id}.`, details(session));
}

const ACTIONS: Readonly<Record<string, Action>> = {
  poll,
  log,
  write,
  'send-keys': sendKeys,
  // A program without a terminal reads lines; one with a terminal waits for the key.
  submit: (call) => send(call, call.session.isTty ? '\r' : '\n', 'Submitted in'),
  paste,
  kill,
  clear,
  remove,
};

const PARAMETERS = {
  type: 'object',
  properties: {
    action: { type: 'string', enum: ['list', ...Object.keys(ACTIONS)] },
    sessionId: { type: 'string', description: 'For all actions but list' },
    timeout: { type: 'number', description: 'poll: wait for news this many milliseconds' },
    offset: { type: 'number', description: 'log: first line' },
    limit: { type: 'number', description: 'log: lines' },
    data: { type: 'string', description: 'write' },
    eof: { type: 'boolean', description: 'write: end the input' },
    keys: { type: 'array', items: { type: 'string' }, description: 'send-keys: C-c, Enter, Up, M-x, a …' },
    hex: { type: 'array', items: { type: 'string' } },
    literal: { type: 'string' },
    text: { type: 'string', description: 'paste' },
    bracketed: { type: 'boolean' },
  },
  required: ['action'],
} as const;

export interface ProcessToolDeps {
  config: () => OpenClawConfig;
  table: ProcessTable;
  clock: Clock;
}

async function reachOf({ config }: ProcessToolDeps, context: ToolContext): Promise<Reach> {
  const place = placeOf(await context.workplace());
  const mayLeave = refuseElevated(config(), context) === undefined;
  return { place, sessionKey: context.sessionKey, mayLeave };
}

async function execute(
  deps: ProcessToolDeps,
  args: Record<string, unknown>,
  context: ToolContext,
): Promise<ToolResult> {
  const { table, clock } = deps;
  const name = text(args, 'action') ?? '';
  const reach = await reachOf(deps, context);
  if (name === 'list') {
    return listSessions(table.list(context.agentId).filter((session) => isWithinReach(session, reach)));
  }
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (!action) return errorResult(`There is no action "${name}".`, { status: 'failed' });
  const id = text(args, 'sessionId')?.trim() ?? '';
  if (id === '') return errorResult(`sessionId is needed for ${name}.`, { status: 'failed' });
  const session = table.get(context.agentId, id);
  if (!session?.isBackground || !isWithinReach(session, reach)) {
    return errorResult(`No session found for ${id}.`, { status: 'failed', sessionId: id });
  }
  return action({ args, context, session, table, clock });
}

export function createProcessTool(deps: ProcessToolDeps): Tool {
  return {
    name: 'process',
    label: 'Follow commands',
    group: 'runtime',
    description: 'Follow commands that exec left in the background: read, type, end.',
    parameters: PARAMETERS,
    execute: (args, context) => execute(deps, args, context),
  };
}
