// The OpenAI endpoints of the gateway, and what every API endpoint shares (spec/gateway-http.md §1, §3–6).
import type { OpenClawConfig } from '../../../config/index.js';
import type { HttpRoute } from '../route.js';
import type { ApiFrame } from './api-route.js';
import type { AgentDirectory, ChatBackend, EmbeddingBackend } from './backends.js';
import { createChatRoute } from './chat/chat-route.js';
import { createEmbeddingsRoute } from './embeddings-route.js';
import { createFetchMedia, type FetchMedia } from './media/fetch-media.js';
import { createModelsRoute } from './models-route.js';
import { createResponsesRoute } from './responses/responses-route.js';
import { chatSettings, isAnyEndpointEnabled, responsesSettings } from './settings.js';

export { ApiError, type ApiErrorBody } from './api-error.js';
export type { ApiFrame } from './api-route.js';
export type {
  AgentDirectory,
  ChatBackend,
  ChatExchange,
  ChatImage,
  ChatOutcome,
  ChatRun,
  ChatStart,
  ChatToolCall,
  ChatUsage,
  ClientTool,
  EmbeddingBackend,
  EmbeddingRequest,
  EmbeddingResult,
  ExchangeTurn,
  ToolChoice,
} from './backends.js';
export { createHttpDoor, type DoorSettings, type HttpDoor } from './door.js';
export { createFetchMedia, type FetchMedia } from './media/fetch-media.js';
export { frameUntrusted, type OutsideText } from './untrusted.js';

export interface OpenAiRoutesOptions extends ApiFrame {
  /** The live config; asked anew for every request. */
  config: () => OpenClawConfig;
  agents: AgentDirectory;
  chat: ChatBackend;
  embeddings: EmbeddingBackend;
  newId: () => string;
  /** Public hosts only unless given. */
  fetchMedia?: FetchMedia;
}

/**
 * `/v1/models`, `/v1/embeddings`, `/v1/responses`, `/v1/chat/completions`, in the order in which they are tried.
 * Each of them lets later routes try while the config has it off (`gateway.http.endpoints.*`).
 */
export function createOpenAiRoutes(options: OpenAiRoutesOptions): HttpRoute[] {
  const { config, fetchMedia = createFetchMedia() } = options;
  const isEnabled = (): boolean => isAnyEndpointEnabled(config());
  return [
    createModelsRoute({ ...options, isEnabled }),
    createEmbeddingsRoute({ ...options, isEnabled }),
    createResponsesRoute({ ...options, fetchMedia, settings: () => responsesSettings(config()) }),
    createChatRoute({ ...options, fetchMedia, settings: () => chatSettings(config()) }),
  ];
}
