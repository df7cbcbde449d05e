// GET /v1/models and /v1/models/{id}: every agent is a model (spec/gateway-http.md §5).
import { allowsMethod, sendJson } from '../respond.js';
import type { HttpExchange, HttpRoute } from '../route.js';
import { agentOfModel } from './agent-choice.js';
import { ApiError, invalidRequest } from './api-error.js';
import { type ApiFrame, guardAnswer } from './api-route.js';
import type { AgentDirectory } from './backends.js';

export interface ModelsRouteOptions extends ApiFrame {
  agents: AgentDirectory;
  isEnabled: () => boolean;
}

const PATH = '/v1/models';

function describe(id: string): Record<string, unknown> {
  return { id, object: 'model', created: 0, owned_by: 'openclaw', permission: [] };
}

function listModels(agents: AgentDirectory): Record<string, unknown> {
  const first = agents.defaultId();
  const ids = [first, ...agents.ids().filter((id) => id !== first)];
  const names = ['openclaw', 'openclaw/default', ...ids.map((id) => `openclaw/${id}`)];
  return { object: 'list', data: names.map(describe) };
}

function decodeId(rest: string): string {
  try {
    return decodeURIComponent(rest).trim();
  } catch (error) {
    if (error instanceof URIError) throw invalidRequest('Invalid model id encoding.');
    throw error;
  }
}

function findModel(rest: string, agents: AgentDirectory): Record<string, unknown> {
  const id = decodeId(rest);
  if (id === '') throw invalidRequest('Missing model id.');
  const agentId = agentOfModel(id);
  if (agentId === undefined) throw invalidRequest('Invalid model id.');
  if (agentId !== '' && !agents.ids().includes(agentId)) {
    throw new ApiError(404, { message: `Model '${id}' not found.`, type: 'invalid_request_error' });
  }
  return describe(id);
}

export function createModelsRoute(options: ModelsRouteOptions): HttpRoute {
  const { agents, door, isEnabled } = options;
  return {
    path: (pathname) => pathname === PATH || pathname.startsWith(`${PATH}/`),
    async handle(exchange: HttpExchange) {
      if (!isEnabled()) return false;
      const { request, response, pathname } = exchange;
      if (!allowsMethod(response, request.method, ['GET']) || !door.admit(exchange)) return undefined;
      return guardAnswer(exchange, options, async () => {
        sendJson(
          response,
          200,
          pathname === PATH ? listModels(agents) : findModel(pathname.slice(PATH.length + 1), agents),
        );
      });
    },
  };
}
