// How a server is spoken to: a program's standard input and output, or HTTP.
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { createBoundedFetch } from './bounded-fetch.js';
import type { McpServerSettings } from './server-settings.js';

/** Opens nothing yet. `onBroken` hears of an answer over HTTP that broke off. */
export async function openTransport(settings: McpServerSettings, onBroken: (why: unknown) => void): Promise<Transport> {
  if (settings.kind === 'stdio') {
    const { getDefaultEnvironment, StdioClientTransport } = await import('@modelcontextprotocol/sdk/client/stdio.js');
    const { command, args, env, cwd } = settings;
    // A clean environment: the keys of the gateway are none of its business. What it writes to stderr may hold secrets.
    return new StdioClientTransport({
      command,
      args,
      env: { ...getDefaultEnvironment(), ...env },
      stderr: 'ignore',
      ...(cwd !== undefined && { cwd }),
    });
  }
  const url = new URL(settings.url);
  const options = { requestInit: { headers: settings.headers }, fetch: createBoundedFetch(onBroken) };
  if (settings.kind === 'sse') {
    const { SSEClientTransport } = await import('@modelcontextprotocol/sdk/client/sse.js');
    return new SSEClientTransport(url, options);
  }
  const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
  // Its types disagree with the SDK's own interface about what may be undefined.
  return new StreamableHTTPClientTransport(url, options) as Transport;
}
