// The runs as the OpenAI endpoints see them.
import { messageText, type Usage } from '../protocol/index.js';
import type { RunOutcome, Runs, StartedRun } from '../runs/index.js';
import type { ChatBackend, ChatOutcome, ChatRun, ChatStart, ChatUsage } from '../server/http/openai/index.js';
import { requireSessionKey, type SessionKey } from '../sessions/index.js';
import { AppError } from '../shared/app-error.js';

/** The word with which a model says nothing. */
const SILENT = 'NO_REPLY';

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
  const { message, usage, status } = outcome;
  const text = message ? messageText(message) : '';
  const parts = message && typeof message.content !== 'string' ? message.content : [];
  const toolCalls = parts.flatMap((part) =>
    part.type === 'toolCall' ? [{ id: part.id, name: part.name, arguments: JSON.stringify(part.arguments) }] : [],
  );
  const base = { status, text: text.trim() === SILENT ? '' : text, usage: toUsage(usage), toolCalls };
  if (outcome.status === 'failed') return { ...base, error: outcome.error };
  if (outcome.status === 'aborted') return { ...base, error: abortError(outcome.stopReason) };
  return { ...base, stopReason: message?.stopReason };
}

function startRun(runs: Runs, key: SessionKey, request: ChatStart): Promise<StartedRun> {
  const { sessionKey: rawKey, message, images, extraSystemPrompt, modelRef: ref, onText } = request;
  const attachments = images.map(({ mimeType, data }) => ({ mimeType, content: data }));
  return runs.startRun({ kind: 'http', key, rawKey, message, attachments, extraSystemPrompt, ref, onText });
}

/** Runs take no functions of a client and no limit of tokens yet, so both are left out. */
export function createChatBackend(runs: Runs): ChatBackend {
  return {
    offersClientTools: false,
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
