// Tools and conversations over HTTP (spec/gateway-http.md §7, §8).
export { createInvokeRoute, type InvokeRouteOptions, mayInvoke, type ToolPolicy } from './invoke-route.js';
export {
  createSessionsRoute,
  type HistoryMessage,
  type HistoryPage,
  type HistoryQuery,
  type KillResult,
  type SessionsBackend,
  type SessionsRouteOptions,
} from './sessions-route.js';
export { type GatewayTool, type RenderedResult, type ToolContext, ToolRefusal, type ToolResult } from './tool.js';
