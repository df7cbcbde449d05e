// One MCP server: connected on first use, its tools known, connected again after it went away.
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { AppError, errorMessage } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import type { Logger } from '../shared/logger.js';
import { APP_VERSION } from '../shared/version.js';
import { isUsableSchema, type ListedTool, MCP_LIMITS, type ServerAnswer } from './mcp-tool.js';
import type { McpServerSettings } from './server-settings.js';

export interface ConnectionOptions {
  name: string;
  settings: McpServerSettings;
  clock: Clock;
  log: Logger;
}

export type ServerState = 'idle' | 'ready' | 'failed' | 'stopped';

/** After a failure nobody waits for this server again until so long has passed. */
const RETRY_MS = 30_000;
const CALL_MS = 120_000;
/** A server that answers without end is not asked for more pages. */
const PAGES = 20;

interface Live {
  client: Client;
  tools: readonly ListedTool[];
}

async function openTransport(settings: McpServerSettings): Promise<Transport> {
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
  const requestInit = { headers: settings.headers };
  if (settings.kind === 'sse') {
    const { SSEClientTransport } = await import('@modelcontextprotocol/sdk/client/sse.js');
    return new SSEClientTransport(url, { requestInit });
  }
  const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
  // Its types disagree with the SDK's own interface about what may be undefined.
  return new StreamableHTTPClientTransport(url, { requestInit }) as Transport;
}

async function listTools(client: Client, timeout: number): Promise<ListedTool[]> {
  const tools: ListedTool[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES && tools.length < MCP_LIMITS.tools; page += 1) {
    const answer = await client.listTools(cursor === undefined ? {} : { cursor }, { timeout });
    tools.push(...answer.tools.filter((tool) => isUsableSchema(tool.inputSchema)));
    cursor = answer.nextCursor;
    if (cursor === undefined) break;
  }
  return tools.slice(0, MCP_LIMITS.tools);
}

export class ServerConnection {
  readonly #options: ConnectionOptions;
  #live: Promise<Live> | undefined;
  #state: ServerState = 'idle';
  #error: string | undefined;
  #failedAt = Number.NEGATIVE_INFINITY;
  #readyAt = Number.NEGATIVE_INFINITY;
  #isStopped = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  get status(): { name: string; state: ServerState; error?: string } {
    const error = this.#error;
    return { name: this.#options.name, state: this.#state, ...(error !== undefined && { error }) };
  }

  /** Its tools; none while it cannot be reached. Waits for a server that is being connected, not for a broken one. */
  async tools(): Promise<readonly ListedTool[]> {
    const { clock } = this.#options;
    if (this.#isStopped) return [];
    if (!this.#live && clock.now() - this.#failedAt < RETRY_MS) return [];
    try {
      return (await this.#connected()).tools;
    } catch (error) {
      if (error instanceof AppError) return [];
      throw error;
    }
  }

  /** Throws AppError mcp.unavailable or mcp.call_failed, or the abort's reason. */
  async call(tool: string, args: Record<string, unknown>, signal: AbortSignal): Promise<ServerAnswer> {
    const { name } = this.#options;
    const { client } = await this.#connected();
    try {
      const answer = await client.callTool({ name: tool, arguments: args }, undefined, { signal, timeout: CALL_MS });
      // Old servers answer in a shape without content; every field is read with care anyway.
      return answer as ServerAnswer;
    } catch (error) {
      signal.throwIfAborted();
      throw new AppError('mcp.call_failed', {
        message: `The MCP server "${name}" could not do this: ${errorMessage(error)}`,
        cause: error,
      });
    }
  }

  /** Ends the connection and, for a program, the program. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#state = 'stopped';
    const live = this.#live;
    this.#live = undefined;
    const opened = await live?.then(
      (found) => found,
      () => undefined,
    );
    await opened?.client.close();
  }

  #connected(): Promise<Live> {
    this.#live ??= this.#connect();
    return this.#live;
  }

  async #connect(): Promise<Live> {
    const { name, settings, clock, log } = this.#options;
    const { Client } = await import('@modelcontextprotocol/sdk/client/index.js');
    const client = new Client({ name: 'openclaw-hq', version: APP_VERSION });
    try {
      await client.connect(await openTransport(settings), { timeout: settings.timeoutMs });
      const tools = await listTools(client, settings.timeoutMs);
      client.onclose = () => this.#lost(client);
      this.#state = 'ready';
      this.#readyAt = clock.now();
      this.#error = undefined;
      log.info(`MCP server "${name}" is connected (${tools.length} tools).`);
      return { client, tools };
    } catch (error) {
      await client.close();
      throw this.#failed(error);
    }
  }

  #failed(error: unknown): AppError {
    const { name, clock, log } = this.#options;
    this.#live = undefined;
    this.#failedAt = clock.now();
    this.#state = this.#isStopped ? 'stopped' : 'failed';
    this.#error = errorMessage(error);
    const failure = new AppError('mcp.unavailable', {
      message: `The MCP server "${name}" cannot be reached: ${errorMessage(error)}`,
      cause: error,
    });
    log.warn(failure.message);
    return failure;
  }

  /** The next use connects anew; a server that went away at once is left alone for a while. */
  #lost(client: Client): void {
    client.onclose = undefined;
    if (this.#isStopped) return;
    this.#live = undefined;
    this.#state = 'idle';
    const now = this.#options.clock.now();
    if (now - this.#readyAt < RETRY_MS) this.#failedAt = now;
  }
}
