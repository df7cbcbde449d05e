// POST /tools/invoke: calls one tool of the gateway (spec/gateway-http.md §7).
import { isAppError } from '../../../shared/app-error.js';
import { ERROR_REGISTER } from '../../../shared/error-register.js';
import { invalidRequest } from '../openai/api-error.js';
import { answerPost, type ApiFrame, headerOf } from '../openai/api-route.js';
import { asObject, type JsonObject } from '../openai/read-body.js';
import { sendBody, sendJson } from '../respond.js';
import type { HttpExchange, HttpRoute } from '../route.js';
import { type GatewayTool, type ToolContext, ToolRefusal } from './tool.js';

/** gateway.tools: what may be called over HTTP besides, or less than, the usual. */
export interface ToolPolicy {
  allow?: readonly string[];
  deny?: readonly string[];
}

export interface InvokeRouteOptions extends ApiFrame {
  tools: ReadonlyMap<string, GatewayTool>;
  policy: () => ToolPolicy;
  /** The full key that a request means; `undefined` and `main` mean the main conversation of the default agent. */
  sessionKey: (asked: string | undefined) => string;
}

const MAX_BODY_BYTES = 2 * 1024 * 1024;
const DENIED = ['sessions_spawn', 'sessions_send', 'cron', 'gateway', 'whatsapp_login'];

/** Pure: may this tool be called over HTTP. */
export function mayInvoke(name: string, { allow = [], deny = [] }: ToolPolicy): boolean {
  return !deny.includes(name) && (!DENIED.includes(name) || allow.includes(name));
}

function sendFailure(exchange: HttpExchange, status: number, type: string, message: string): void {
  sendJson(exchange.response, status, { ok: false, error: { type, message } });
}

function contextOf(exchange: HttpExchange, sessionKey: string): ToolContext {
  return {
    sessionKey,
    channel: headerOf(exchange, 'x-openclaw-message-channel'),
    accountId: headerOf(exchange, 'x-openclaw-account-id'),
    to: headerOf(exchange, 'x-openclaw-message-to'),
    threadId: headerOf(exchange, 'x-openclaw-thread-id'),
  };
}

function argsFor(tool: GatewayTool, body: JsonObject): JsonObject {
  const args = asObject(body.args) ?? {};
  const isAction = tool.hasAction && typeof body.action === 'string' && args.action === undefined;
  return isAction ? { ...args, action: body.action } : args;
}

async function run(tool: GatewayTool, args: JsonObject, context: ToolContext): Promise<string> {
  const result = await tool.invoke(args, context);
  if ('json' in result) return result.json;
  const { text, details } = result;
  return JSON.stringify({ content: [{ type: 'text', text }], details });
}

function refuse(exchange: HttpExchange, error: unknown, tool: string, { log }: ApiFrame): void {
  if (error instanceof ToolRefusal)
    return sendFailure(exchange, error.status, error.status === 404 ? 'not_found' : 'tool_error', error.message);
  if (isAppError(error) && ERROR_REGISTER[error.code].httpStatus === 400) {
    return sendFailure(exchange, 400, 'tool_error', error.message);
  }
  log.error('A tool failed.', { tool, err: error });
  sendFailure(exchange, 500, 'tool_error', 'tool execution failed');
}

async function answer(exchange: HttpExchange, body: JsonObject, options: InvokeRouteOptions): Promise<void> {
  const name = typeof body.tool === 'string' ? body.tool.trim() : '';
  if (name === '') throw invalidRequest('tools.invoke requires body.tool');
  const tool = mayInvoke(name, options.policy()) ? options.tools.get(name) : undefined;
  if (!tool) return sendFailure(exchange, 404, 'not_found', `Tool not available: ${name}`);
  const asked = typeof body.sessionKey === 'string' ? body.sessionKey.trim() || undefined : undefined;
  try {
    const context = contextOf(exchange, options.sessionKey(asked));
    const result = await run(tool, argsFor(tool, body), context);
    sendBody(exchange.response, 200, 'application/json', `{"ok":true,"result":${result}}`);
  } catch (error) {
    refuse(exchange, error, name, options);
  }
}

/** Always on. */
export function createInvokeRoute(options: InvokeRouteOptions): HttpRoute {
  return {
    path: '/tools/invoke',
    handle: (exchange) => answerPost(exchange, options, MAX_BODY_BYTES, (body) => answer(exchange, body, options)),
  };
}
