// The `agent` method: which conversation is meant, and its two answers (spec/gateway-protocol.md §7.3).
import { listAgents } from '../agents/index.js';
import type { OpenClawConfig } from '../config/index.js';
import { type AgentFinal, type AgentParams, messageText, type Usage } from '../protocol/index.js';
import {
  mainSessionKey,
  normalizeAgentId,
  parseSessionKey,
  resetTriggers,
  type SessionEvents,
  type SessionKey,
  type SessionStore,
} from '../sessions/index.js';
import { AppError } from '../shared/app-error.js';
import { FailedWithPayload, type RequestContext } from '../shared/wire.js';
import { RESET_TEXT } from './command-texts.js';
import { isFromPerson, parseCommand } from './commands.js';
import type { ResetsUnderWay } from './resets-under-way.js';
import type { RunOutcome } from './run-record.js';
import { ownerOf } from './live-run.js';
import type { Runs, StartedRun } from './runs-types.js';

export interface AgentMethodOptions {
  config: () => OpenClawConfig;
  store: SessionStore;
  events: Pick<SessionEvents, 'changed'>;
  runs: Runs;
  defaultAgentId: () => string;
  now: () => number;
  /** Hears of a command before it is carried out. */
  onCommand?: (name: 'new' | 'reset' | 'stop', key: SessionKey) => Promise<void>;
  resets: ResetsUnderWay;
}

const NO_SELECTOR = 'Error: Pass --to <E.164>, --session-id, or --agent to choose a session';
const NO_CHANNEL = 'Error: Channel is required (no configured channels detected).';
const OWN_CHANNELS = new Set(['last', 'webchat', 'none']);

function refuse(message: string): never {
  throw new AppError('request.invalid', { message });
}

function refuseParams(message: string): never {
  return refuse(`invalid agent params: ${message}`);
}

/** Only a person starts a conversation anew; undefined for every other message. */
function resetOf(params: AgentParams, config: OpenClawConfig): { rest: string } | undefined {
  if (!isFromPerson(params.inputProvenance)) return undefined;
  const command = parseCommand(params.message, resetTriggers(config.session));
  return command?.name === 'new' || command?.name === 'reset' ? command : undefined;
}

function checkParams(params: AgentParams, context: RequestContext, config: OpenClawConfig): void {
  const isAdmin = context.caller.scopes.includes('operator.admin');
  for (const channel of [params.channel, params.replyChannel]) {
    if (channel !== undefined && !OWN_CHANNELS.has(channel)) refuseParams(`unknown channel: ${channel}`);
  }
  if ((params.provider ?? params.model) !== undefined && !isAdmin) {
    refuse('provider/model overrides are not authorized for this caller.');
  }
  if (resetOf(params, config) && !isAdmin) refuse('missing scope: operator.admin');
  if (params.deliver) refuse(NO_CHANNEL);
}

/** The conversation that the parameters name; undefined when they name none. */
async function selectSession(params: AgentParams, options: AgentMethodOptions): Promise<SessionKey | undefined> {
  const known = listAgents(options.config()).map((agent) => agent.id);
  const agentId = params.agentId === undefined ? undefined : normalizeAgentId(params.agentId);
  if (agentId !== undefined && !known.includes(agentId)) refuseParams(`unknown agent id "${params.agentId}"`);
  if (params.sessionKey?.trim()) return selectByKey(params.sessionKey, agentId, known, options.defaultAgentId());
  if (params.sessionId?.trim()) return selectById(params.sessionId, agentId === undefined ? known : [agentId], options);
  if (agentId !== undefined) return parseSessionKey(mainSessionKey(agentId), agentId);
  return params.to?.trim() ? parseSessionKey('main', options.defaultAgentId()) : undefined;
}

function selectByKey(raw: string, agentId: string | undefined, known: string[], defaultId: string): SessionKey {
  const key = parseSessionKey(raw, agentId ?? defaultId);
  if (!key) return refuseParams(`malformed session key "${raw}"`);
  if (agentId !== undefined && key.agentId !== agentId) {
    return refuseParams(`agent "${agentId}" does not match session key agent "${key.agentId}"`);
  }
  if (!known.includes(key.agentId)) return refuseParams(`unknown agent id "${key.agentId}"`);
  return key;
}

async function selectById(sessionId: string, agentIds: string[], options: AgentMethodOptions): Promise<SessionKey> {
  for (const agentId of agentIds) {
    const found = (await options.store.index(agentId)).keyOfSession(sessionId);
    const key = found === undefined ? undefined : parseSessionKey(found, agentId);
    if (key) return key;
  }
  return refuse(`No session found: ${sessionId}`);
}

/** `usage` is that of all steps, the rest that of the last one. */
function usageFields(usage: Usage | undefined, last = usage) {
  if (!usage || !last) return {};
  const { input, output, cacheRead, cacheWrite, totalTokens: total } = last;
  return {
    usage: { input: usage.input, output: usage.output, total: usage.totalTokens },
    lastCallUsage: { input, output, cacheRead, cacheWrite, total },
    promptTokens: input + cacheRead + cacheWrite,
  };
}

/** Pure: the second answer of `agent`. A failing provider counts as an answer whose text is the error. */
export function agentFinal(runId: string, acceptedAt: number, outcome: RunOutcome): AgentFinal {
  const { message } = outcome;
  const said = outcome.texts ?? (message ? [messageText(message)] : []);
  const texts = outcome.status === 'failed' ? [outcome.error.message] : said;
  const isTimeout = outcome.status === 'aborted' && outcome.stopReason === 'timeout';
  const stopReason = outcome.status === 'aborted' ? outcome.stopReason : message?.stopReason;
  return {
    runId,
    status: isTimeout ? 'error' : 'ok',
    summary: isTimeout ? new AppError('run.timeout').message : 'completed',
    result: {
      payloads: texts.filter((text) => text !== '').map((text) => ({ text, mediaUrl: null })),
      meta: {
        durationMs: Math.max(0, outcome.endedAt - acceptedAt),
        agentMeta: {
          sessionId: outcome.sessionId,
          provider: message?.provider ?? '',
          model: message?.model ?? '',
          ...usageFields(outcome.usage, outcome.lastUsage),
        },
        aborted: outcome.status === 'aborted',
        ...(stopReason !== undefined && { stopReason }),
      },
    },
  };
}

/** The second answer, thrown when it is an error. */
async function answer(runId: string, acceptedAt: number, ended: Promise<RunOutcome>): Promise<AgentFinal> {
  const final = agentFinal(runId, acceptedAt, await ended);
  if (final.status === 'error') throw new FailedWithPayload(final, final.summary);
  return final;
}

async function startRun(params: AgentParams, key: SessionKey, context: RequestContext, options: AgentMethodOptions) {
  const { message, idempotencyKey: runId, attachments, thinking, extraSystemPrompt, label, timeout } = params;
  const ref = params.provider && params.model ? `${params.provider}/${params.model}` : params.model;
  const reset = resetOf(params, options.config());
  const base = { kind: 'agent' as const, key, rawKey: params.sessionKey ?? key.key, owner: ownerOf(context.caller) };
  let text = message;
  if (reset) {
    await options.resets.once(key, runId, async () => {
      await options.runs.abort({ key: key.key, stopReason: 'rpc' });
      await options.onCommand?.('new', key);
      await options.store.reset(key.key, key.agentId, 'new');
    });
    if (reset.rest === '') return options.runs.reply({ ...base, runId, text: RESET_TEXT });
    text = reset.rest;
  }
  const timeoutMs = timeout === undefined ? undefined : timeout * 1000;
  // Whoever names a conversation by its id means that one.
  const renews = !params.sessionId?.trim() && !reset;
  const isOwn = isFromPerson(params.inputProvenance);
  const content = { message: text, attachments, thinking, extraSystemPrompt, label, renews, isFromPerson: isOwn };
  return options.runs.startRun({ ...base, ...content, runId, ref, timeoutMs });
}

/** Acknowledges when the message is on disk, answers when the run ended. */
export async function callAgent(params: AgentParams, context: RequestContext, options: AgentMethodOptions) {
  const runId = params.idempotencyKey;
  const known = options.runs.find(runId);
  if (known) {
    const { acceptedAt } = await known.accepted;
    if (known.outcome) return answer(runId, acceptedAt, known.ended);
    return { runId, status: 'accepted' as const, acceptedAt };
  }
  checkParams(params, context, options.config());
  const key = await selectSession(params, options);
  const accepted = (acceptedAt: number) => context.acknowledge({ runId, status: 'accepted', acceptedAt });
  if (!key) {
    accepted(options.now());
    throw new FailedWithPayload({ runId, status: 'error', summary: NO_SELECTOR }, NO_SELECTOR);
  }
  const started: StartedRun = await startRun(params, key, context, options);
  accepted(started.acceptedAt);
  return answer(runId, started.acceptedAt, started.ended);
}
