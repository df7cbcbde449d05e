// POST /v1/chat/completions (spec/gateway-http.md §3).
import { sendJson } from '../../respond.js';
import type { HttpExchange, HttpRoute } from '../../route.js';
import { fromAppError, invalidRequest, sendApiError } from '../api-error.js';
import { answerPost, type ApiFrame } from '../api-route.js';
import type { AgentDirectory, ChatBackend, ChatImage, ChatStart } from '../backends.js';
import { readAsked } from '../exchange.js';
import type { FetchMedia } from '../media/fetch-media.js';
import { MediaFault, type MediaSource } from '../media/media-types.js';
import { readMedia } from '../media/read-media.js';
import { asObject, type JsonObject } from '../read-body.js';
import { readChoice, type RequestChoice } from '../request-choice.js';
import { outcomeError, startTurn } from '../run-turn.js';
import type { ChatSettings } from '../settings.js';
import { type AnswerHead, completion } from './answer-shape.js';
import { ChatStream } from './chat-stream.js';
import { INVALID_IMAGE, readMessages } from './read-messages.js';
import { readChatTools } from './read-tools.js';

export interface ChatRouteOptions extends ApiFrame {
  agents: AgentDirectory;
  chat: ChatBackend;
  settings: () => ChatSettings;
  fetchMedia: FetchMedia;
  newId: () => string;
}

async function readImages(sources: MediaSource[], settings: ChatSettings, fetchMedia: FetchMedia) {
  if (sources.length > settings.maxImageParts) {
    throw invalidRequest(INVALID_IMAGE, `Send at most ${settings.maxImageParts} images.`);
  }
  const images: ChatImage[] = [];
  let left = settings.maxTotalImageBytes;
  for (const source of sources) {
    try {
      const { type, bytes } = await readMedia(source, settings.images, fetchMedia);
      left -= bytes.length;
      if (left < 0) throw new MediaFault(`all images together are larger than ${settings.maxTotalImageBytes} bytes`);
      images.push({ mimeType: type, data: bytes.toString('base64') });
    } catch (error) {
      if (error instanceof MediaFault) throw invalidRequest(INVALID_IMAGE, error.message);
      throw error;
    }
  }
  return images;
}

function tokenLimit(body: JsonObject): number | undefined {
  const limit = body.max_completion_tokens ?? body.max_tokens;
  return typeof limit === 'number' && Number.isInteger(limit) && limit > 0 ? limit : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

type Prepared = Omit<ChatStart, 'onText'>;

async function prepare(body: JsonObject, choice: RequestChoice, options: ChatRouteOptions): Promise<Prepared> {
  const { turns, images } = readMessages(body.messages);
  const conversation = readAsked(turns);
  if (!conversation) throw invalidRequest('Missing user message in `messages`.');
  return {
    agentId: choice.agentId,
    sessionKey: choice.session.key,
    message: conversation.message,
    exchange: conversation.exchange,
    images: await readImages(images, options.settings(), options.fetchMedia),
    extraSystemPrompt: conversation.system,
    modelRef: choice.modelRef,
    maxTokens: tokenLimit(body),
    temperature: numberOf(body.temperature),
    topP: numberOf(body.top_p),
    ...readChatTools(body, options.chat.offersClientTools),
  };
}

interface Turn {
  exchange: HttpExchange;
  start: Prepared;
  head: AnswerHead;
  isFresh: boolean;
}

async function answerWhole({ exchange, start, head, isFresh }: Turn, options: ChatRouteOptions): Promise<void> {
  const { response } = exchange;
  const request = { ...start, onText: () => undefined };
  const run = await startTurn({ backend: options.chat, start: request, response, isFresh });
  const outcome = await run.ended;
  if (response.destroyed) return;
  const error = outcomeError(outcome);
  if (error) sendApiError(response, fromAppError(error));
  else sendJson(response, 200, completion(head, outcome));
}

async function answerStream(turn: Turn, wantsUsage: boolean, options: ChatRouteOptions): Promise<void> {
  const { start, head, isFresh } = turn;
  const { response } = turn.exchange;
  const stream = new ChatStream({ response, head, clock: options.clock, wantsUsage });
  const request = { ...start, onText: (delta: string) => stream.text(delta) };
  try {
    const run = await startTurn({ backend: options.chat, start: request, response, isFresh });
    stream.end(await run.ended);
  } catch (error) {
    stream.cancel();
    throw error;
  }
}

async function answer(exchange: HttpExchange, body: JsonObject, options: ChatRouteOptions): Promise<void> {
  const { agents, newId, clock } = options;
  const choice = readChoice(exchange, body, { agents, newId, family: 'openai' });
  const start = await prepare(body, choice, options);
  const head = { id: `chatcmpl_${newId()}`, created: Math.floor(clock.now() / 1000), model: choice.model };
  const turn = { exchange, start, head, isFresh: choice.session.isFresh };
  if (!body.stream) return answerWhole(turn, options);
  return answerStream(turn, asObject(body.stream_options)?.include_usage === true, options);
}

/** Claims nothing while the endpoint is off, so that the path falls through to later routes. */
export function createChatRoute(options: ChatRouteOptions): HttpRoute {
  return {
    path: '/v1/chat/completions',
    async handle(exchange) {
      const { enabled, maxBodyBytes } = options.settings();
      if (!enabled) return false;
      return answerPost(exchange, options, maxBodyBytes, (body) => answer(exchange, body, options));
    },
  };
}
