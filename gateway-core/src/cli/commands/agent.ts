// `openclaw agent --message …`: one turn through the gateway.
import { randomUUID } from 'node:crypto';
import { GatewayRequestError } from '../../client/index.js';
import type { AgentFinal, AgentParams } from '../../protocol/index.js';
import type { CommandContext } from '../context.js';
import { requireValidConfig } from '../config-gate.js';
import { type GatewaySession, withGateway } from '../gateway-access.js';
import { resolveTarget } from '../target.js';

export interface AgentOptions {
  message: string;
  agent?: string;
  to?: string;
  sessionId?: string;
  thinking?: string;
  deliver?: boolean;
  channel?: string;
  replyTo?: string;
  replyChannel?: string;
  replyAccount?: string;
  /** Seconds; 0 = no limit. */
  timeout: number;
  json?: boolean;
}

const NO_SELECTOR = 'Error: Pass --to <E.164>, --session-id, or --agent to choose a session';
/** How much longer than the agent we wait for its answer. */
const GRACE_MS = 30_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** Exit code of a program that Ctrl+C ended. */
const INTERRUPTED = 130;

/** The parameters of `agent`; unset ones are left out. */
export function agentParams(options: AgentOptions, mainKey: string, idempotencyKey: string): AgentParams {
  const bySelector = options.to !== undefined || options.sessionId !== undefined;
  const sessionKey = options.agent && !bySelector ? `agent:${options.agent}:${mainKey}` : undefined;
  const params: AgentParams = {
    message: options.message,
    agentId: options.agent,
    to: options.to,
    replyTo: options.replyTo,
    sessionId: options.sessionId,
    sessionKey,
    thinking: options.thinking,
    deliver: options.deliver ?? false,
    channel: options.channel,
    replyChannel: options.replyChannel,
    replyAccountId: options.replyAccount,
    timeout: options.timeout,
    idempotencyKey,
  };
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined)) as AgentParams;
}

/** The answer as text: payloads one below the other. */
export function answerText(final: AgentFinal): string {
  const parts = (final.result?.payloads ?? []).flatMap(({ text, mediaUrl }) => [
    text,
    mediaUrl && `MEDIA: ${mediaUrl}`,
  ]);
  return parts.filter(Boolean).join('\n') || 'No reply from agent.';
}

async function ask(
  context: CommandContext,
  { client }: GatewaySession,
  params: AgentParams,
): Promise<AgentFinal | undefined> {
  const abort = new AbortController();
  let runId: string | undefined;
  const unlisten = context.host.onStopSignal(() => abort.abort());
  try {
    const final = await client.request('agent', params, {
      expectFinal: true,
      onAccepted: (payload) => (runId = (payload as { runId?: string }).runId),
      signal: abort.signal,
      timeoutMs: params.timeout ? params.timeout * 1000 + GRACE_MS : 0,
    });
    return final as AgentFinal;
  } catch (error) {
    if (!abort.signal.aborted) throw error;
    // Whoever pressed Ctrl+C wants the run to end too, not only our waiting.
    if (runId && params.sessionKey) await client.request('chat.abort', { sessionKey: params.sessionKey, runId });
    return undefined;
  } finally {
    unlisten();
  }
}

function report(context: CommandContext, final: AgentFinal, json: boolean | undefined): number {
  const ok = final.status === 'ok';
  if (json) context.json(final);
  else if (ok) context.out(answerText(final));
  else context.err(final.summary);
  return ok ? 0 : 1;
}

export async function run(context: CommandContext, options: AgentOptions): Promise<number> {
  if (!options.agent && !options.to && !options.sessionId) {
    context.err(NO_SELECTOR);
    return 1;
  }
  const loaded = await requireValidConfig(context);
  if (!loaded) return 1;
  const { config, path, env } = loaded;
  const target = resolveTarget({ flags: {}, env, config, configPath: path });
  const params = agentParams(options, config.session?.mainKey ?? 'main', randomUUID());
  const access = { target, profile: 'cli', timeoutMs: CONNECT_TIMEOUT_MS } as const;
  try {
    const final = await withGateway(context, access, (session) => ask(context, session, params));
    if (final) return report(context, final, options.json);
    context.err('Stopped.');
    return INTERRUPTED;
  } catch (error) {
    if (!(error instanceof GatewayRequestError)) throw error;
    if (options.json && error.payload !== undefined) context.json(error.payload);
    context.err(error.message);
    return 1;
  }
}
