// The runs as the OpenAI endpoints see them.
import { type Message, messageText, type Usage } from '../protocol/index.js';
import type { RunOutcome, Runs, StartedRun } from '../runs/index.js';
import type {
  ChatBackend,
  ChatOutcome,
  ChatRun,
  ChatStart,
  ChatUsage,
  ExchangeTurn,
} from '../server/http/openai/index.js';
import { requireSessionKey, type SessionKey } from '../sessions/index.js';
import { AppError } from '../shared/app-error.js';

/** The word with which a model says nothing. */
const SILENT = 'NO_REPLY';
const NO_PARAMETERS = { type: 'object', properties: {} };

function toUsage(usage: Usage | undefined): ChatUsage | undefined {
  if (!usage) return undefined;
  const { input, output, cacheRead, cacheWrite } = usage;
  return { input: input + cacheRead + cacheWrite, cached: cacheRead, output };
}

function abortError(stopReason: string): AppError | undefined {
  if (stopReason === 'timeout') return new AppError('run.timeout');
  return stopReason === 'shutdown'
    ? new AppError('gateway.closed', { message: 'The gateway is stopping.', hint: 'Send it again in a moment.' })
    : undefined;
}

/** Pure: how a run ended, in the words of the endpoints. */
export function toChatOutcome(outcome: RunOutcome): ChatOutcome {
  const { message, usage, status, texts = message ? [messageText(message)] : [] } = outcome;
  const text = texts.join('\n\n');
  const toolCalls = (outcome.toolCalls ?? []).map(({ id, name, arguments: args }) => ({
    id,
    name,
    arguments: JSON.stringify(args),
  }));
  const base = { status, text: text.trim() === SILENT ? '' : text, usage: toUsage(usage), toolCalls };
  if (outcome.status === 'failed') return { ...base, error: outcome.error };
  if (outcome.status === 'aborted') return { ...base, error: abortError(outcome.stopReason) };
  return { ...base, stopReason: toolCalls.length > 0 ? 'toolUse' : message?.stopReason };
}

/** What the client did for the agent, as messages of the conversation. */
function toMessages(turns: readonly ExchangeTurn[]): Message[] {
  return turns.map((turn): Message => {
    if (turn.role === 'tool') {
      const content = [{ type: 'text' as const, text: turn.text }];
      return { role: 'toolResult', toolCallId: turn.callId, toolName: turn.name, content, isError: false };
    }
    const text = turn.text === '' ? [] : [{ type: 'text' as const, text: turn.text }];
    const calls = turn.calls.map((call) => ({ type: 'toolCall' as const, ...call }));
    return { role: 'assistant', content: [...text, ...calls], stopReason: 'toolUse' };
  });
}

function startRun(runs: Runs, key: SessionKey, request: ChatStart): Promise<StartedRun> {
  const { sessionKey: rawKey, message, images, extraSystemPrompt, modelRef: ref, onText } = request;
  const { exchange, tools, toolChoice, maxTokens, temperature, topP } = request;
  const attachments = images.map(({ mimeType, data }) => ({ mimeType, content: data }));
  const clientTools = tools.map(({ name, description = '', parameters }) => ({
    name,
    description,
    // Some providers refuse a schema that says nothing.
    parameters: Object.keys(parameters).length > 0 ? parameters : NO_PARAMETERS,
  }));
  return runs.startRun({
    ...{ kind: 'http', key, rawKey, message, attachments, extraSystemPrompt, ref, onText },
    ...{ toolChoice, maxTokens, temperature, topP, ...(clientTools.length > 0 && { clientTools }) },
    ...(exchange && { exchange: { messages: toMessages(exchange.turns), followUp: exchange.followUp } }),
  });
}

/** Functions of a client reach the model; their calls end the run and go back to the client. */
export function createChatBackend(runs: Runs): ChatBackend {
  return {
    offersClientTools: true,
    async start(request): Promise<ChatRun> {
      const key = requireSessionKey(request.sessionKey, request.agentId);
      const { runId, ended } = await startRun(runs, key, request);
      return {
        runId,
        ended: ended.then(toChatOutcome),
        abort: () => void runs.abort({ key: key.key, runId, stopReason: 'rpc' }),
      };
    },
  };
}
