// The MCP room: tools of Model Context Protocol servers.
export { createMcpServers, type McpOptions, type McpServers } from './mcp-servers.js';
export type { ServerState } from './server-connection.js';
