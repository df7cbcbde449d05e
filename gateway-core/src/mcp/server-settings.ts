// Pure: how a server of the config is reached (mcp.servers).
import type { OpenClawConfig } from '../config/index.js';
import { AppError } from '../shared/app-error.js';

type Configured = NonNullable<NonNullable<OpenClawConfig['mcp']>['servers']>[string];

export type McpServerSettings = { timeoutMs: number } & (
  | { kind: 'stdio'; command: string; args: string[]; env: Record<string, string>; cwd?: string }
  | { kind: 'http' | 'sse'; url: string; headers: Record<string, string> }
);

const DEFAULT_TIMEOUT_MS = 10_000;

function strings(table: Readonly<Record<string, unknown>> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(table ?? {}).map(([name, value]) => [name, String(value)]));
}

/** The servers of the config, without those that somebody switched off. */
export function serversInUse({ mcp }: OpenClawConfig): Record<string, Configured> {
  const all = Object.entries(mcp?.servers ?? {});
  return Object.fromEntries(all.filter(([, server]) => server.enabled !== false && server.disabled !== true));
}

/** Throws AppError mcp.misconfigured when it says neither a command nor an address. */
export function readServer(name: string, server: Configured): McpServerSettings {
  const timeoutMs = server.connectionTimeoutMs ?? DEFAULT_TIMEOUT_MS;
  if (server.command) {
    const cwd = server.cwd ?? server.workingDirectory;
    const { command, args = [] } = server;
    return { kind: 'stdio', timeoutMs, command, args, env: strings(server.env), ...(cwd !== undefined && { cwd }) };
  }
  if (server.url && /^https?:\/\//i.test(server.url)) {
    const kind = server.transport === 'sse' ? 'sse' : 'http';
    return { kind, timeoutMs, url: server.url, headers: strings(server.headers) };
  }
  throw new AppError('mcp.misconfigured', {
    message: `The MCP server "${name}" has neither a command nor an http(s) address.`,
    hint: `Set mcp.servers.${name}.command or mcp.servers.${name}.url.`,
  });
}
