// POST /v1/responses (spec/gateway-http.md §4).
import { sendJson } from '../../respond.js';
import type { HttpExchange, HttpRoute } from '../../route.js';
import { type ApiError, fromAppError, invalidRequest, toApiError } from '../api-error.js';
import { answerPost, type ApiFrame } from '../api-route.js';
import type { AgentDirectory, ChatBackend, ChatOutcome, ChatStart } from '../backends.js';
import { readAsked } from '../exchange.js';
import type { FetchMedia } from '../media/fetch-media.js';
import type { JsonObject } from '../read-body.js';
import { readChoice, type RequestChoice } from '../request-choice.js';
import { NO_ANSWER, outcomeError, startTurn } from '../run-turn.js';
import type { ResponsesSettings } from '../settings.js';
import { PreviousResponses } from './previous-responses.js';
import { readAttachments } from './read-attachments.js';
import { readResponsesRequest, type ResponsesRequest } from './read-request.js';
import { callItem, endStatus, messageItem, type ResponseHead, responseResource } from './response-shape.js';
import { ResponsesStream } from './responses-stream.js';

export interface ResponsesRouteOptions extends ApiFrame {
  agents: AgentDirectory;
  chat: ChatBackend;
  settings: () => ResponsesSettings;
  fetchMedia: FetchMedia;
  newId: () => string;
}

interface Deps extends ResponsesRouteOptions {
  previous: PreviousResponses;
}

interface Turn {
  exchange: HttpExchange;
  start: Omit<ChatStart, 'onText'>;
  head: ResponseHead;
  isFresh: boolean;
}

/** Continues the conversation of the response before, if it was this caller's. */
function continued(request: ResponsesRequest, choice: RequestChoice, scope: string, deps: Deps): RequestChoice {
  if (choice.sessionHeader !== undefined || request.previousResponseId === undefined) return choice;
  const key = deps.previous.find(request.previousResponseId, scope);
  return key === undefined ? choice : { ...choice, session: { key, isFresh: false } };
}

function checkTools({ tools, toolChoice }: ResponsesRequest, isOffered: boolean): void {
  if (isOffered || tools.length === 0 || toolChoice === undefined) return;
  if (toolChoice === 'auto' || toolChoice === 'none') return;
  throw invalidRequest(
    'invalid tool configuration',
    'This gateway cannot make an agent call the functions of a client.',
  );
}

async function prepare(request: ResponsesRequest, choice: RequestChoice, deps: Deps): Promise<Turn['start']> {
  const { chat, newId, fetchMedia } = deps;
  const conversation = readAsked(request.turns);
  if (!conversation) throw invalidRequest('Missing user message in `input`.');
  checkTools(request, chat.offersClientTools);
  const { images, context } = await readAttachments(request, { settings: deps.settings(), fetchMedia, newId });
  const system = [request.instructions, conversation.system, ...context].filter(Boolean).join('\n\n');
  return {
    agentId: choice.agentId,
    sessionKey: choice.session.key,
    message: conversation.message,
    exchange: conversation.exchange,
    images,
    extraSystemPrompt: system === '' ? undefined : system,
    modelRef: choice.modelRef,
    maxTokens: request.maxOutputTokens,
    temperature: request.temperature,
    topP: request.topP,
    tools: chat.offersClientTools ? request.tools : [],
    toolChoice: request.toolChoice,
  };
}

function wholeResponse(head: ResponseHead, outcome: ChatOutcome, newId: () => string): Record<string, unknown> {
  const calls = outcome.toolCalls;
  const text = outcome.text === '' && calls.length === 0 ? NO_ANSWER : outcome.text;
  const output = text === '' ? [] : [messageItem(head.messageId, text, 'completed')];
  output.push(...calls.map((call) => callItem(`call_${newId()}`, call)));
  return responseResource(head, { status: endStatus(outcome), output, usage: outcome.usage });
}

/** A failed response with the status of its error: SDKs read both. */
function failedResponse(head: ResponseHead, { body }: ApiError, outcome: ChatOutcome): Record<string, unknown> {
  const output = outcome.text === '' ? [] : [messageItem(head.messageId, outcome.text, 'completed')];
  return responseResource(head, { status: 'failed', output, usage: outcome.usage, error: body });
}

async function answerWhole({ exchange, start, head, isFresh }: Turn, deps: Deps): Promise<void> {
  const { response } = exchange;
  const request = { ...start, onText: () => undefined };
  const run = await startTurn({ backend: deps.chat, start: request, response, isFresh });
  const outcome = await run.ended;
  if (response.destroyed) return;
  const error = outcomeError(outcome);
  if (!error) return sendJson(response, 200, wholeResponse(head, outcome, deps.newId));
  const refusal = fromAppError(error);
  sendJson(response, refusal.status, failedResponse(head, refusal, outcome));
}

async function answerStream({ exchange, start, head, isFresh }: Turn, deps: Deps): Promise<void> {
  const { response } = exchange;
  const { chat, clock, newId, log } = deps;
  const stream = new ResponsesStream({ response, head, clock, newId });
  const request = { ...start, onText: (delta: string) => stream.text(delta) };
  // What cannot start is a plain error; after that there is a response, failed or not.
  const run = await startTurn({ backend: chat, start: request, response, isFresh });
  stream.open();
  try {
    const outcome = await run.ended;
    const error = outcomeError(outcome);
    if (error) stream.fail(fromAppError(error).body, outcome);
    else stream.end(outcome);
  } catch (error) {
    stream.fail(toApiError(error, log).body);
  }
}

async function answer(exchange: HttpExchange, body: JsonObject, deps: Deps): Promise<void> {
  const { agents, newId, clock, previous } = deps;
  const request = readResponsesRequest(body);
  const first = readChoice(exchange, request, { agents, newId, family: 'openresponses' });
  const scope = JSON.stringify([first.agentId, first.user ?? '', first.sessionHeader ?? '']);
  const choice = continued(request, first, scope, deps);
  const start = await prepare(request, choice, deps);
  const head: ResponseHead = {
    id: `resp_${newId()}`,
    createdAt: Math.floor(clock.now() / 1000),
    model: choice.model,
    messageId: `msg_${newId()}`,
  };
  previous.remember(head.id, choice.session.key, scope);
  const turn = { exchange, start, head, isFresh: choice.session.isFresh };
  return request.isStream ? answerStream(turn, deps) : answerWhole(turn, deps);
}

/** Claims nothing while the endpoint is off, so that the path falls through to later routes. */
export function createResponsesRoute(options: ResponsesRouteOptions): HttpRoute {
  const deps: Deps = { ...options, previous: new PreviousResponses(options.clock) };
  return {
    path: '/v1/responses',
    async handle(exchange) {
      const { enabled, maxBodyBytes } = options.settings();
      if (!enabled) return false;
      return answerPost(exchange, options, maxBodyBytes, (body) => answer(exchange, body, deps));
    },
  };
}
