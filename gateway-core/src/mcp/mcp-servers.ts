// The MCP servers of the config as one source of tools; a server whose settings changed is connected anew.
import type { OpenClawConfig } from '../config/index.js';
import { AppError } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import { inBackground, type Logger } from '../shared/logger.js';
import type { Tool, ToolSource } from '../tools/index.js';
import { type ListedTool, mcpDescription, mcpLabel, mcpToolName, readAnswer } from './mcp-tool.js';
import { ServerConnection, type ServerState } from './server-connection.js';
import { readServer, serversInUse } from './server-settings.js';

export interface McpOptions {
  config: () => OpenClawConfig;
  clock: Clock;
  log: Logger;
}

export interface McpServers extends ToolSource {
  /** The servers of the config and how they are; asking does not connect. */
  status(): Array<{ name: string; state: ServerState; error?: string }>;
  /** Ends every connection and every program that was started for one. */
  stop(): Promise<void>;
}

interface Held {
  /** Its settings as text, to see a change. */
  settings: string;
  connection: ServerConnection;
}

function toolOf(server: string, connection: ServerConnection, listed: ListedTool): Tool {
  return {
    name: mcpToolName(server, listed.name),
    label: mcpLabel(listed),
    group: 'mcp',
    description: mcpDescription(server, listed),
    parameters: listed.inputSchema,
    execute: async (args, { signal }) =>
      readAnswer(server, listed.name, await connection.call(listed.name, args, signal)),
  };
}

class ConfiguredServers implements McpServers {
  readonly #options: McpOptions;
  readonly #held = new Map<string, Held>();
  /** Servers that say nothing usable, with their settings as text; each is complained about once. */
  readonly #unusable = new Map<string, string>();
  #isStopped = false;

  constructor(options: McpOptions) {
    this.#options = options;
  }

  async tools(): Promise<readonly Tool[]> {
    this.#follow();
    const lists = await Promise.all(
      [...this.#held].map(async ([name, { connection }]) =>
        (await connection.tools()).map((listed) => toolOf(name, connection, listed)),
      ),
    );
    return lists.flat();
  }

  status() {
    this.#follow();
    return [...this.#held.values()].map(({ connection }) => connection.status);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([...this.#held.values()].map(({ connection }) => connection.stop()));
    this.#held.clear();
  }

  /** Brings the connections in line with the config. */
  #follow(): void {
    if (this.#isStopped) return;
    const wanted = serversInUse(this.#options.config());
    for (const [name, held] of this.#held) {
      const server = wanted[name];
      if (server && JSON.stringify(server) === held.settings) continue;
      this.#held.delete(name);
      inBackground(held.connection.stop(), this.#options.log, `the MCP server "${name}" did not end well`);
    }
    for (const [name, server] of Object.entries(wanted)) {
      const settings = JSON.stringify(server);
      if (!this.#held.has(name) && this.#unusable.get(name) !== settings) this.#add(name, server, settings);
    }
  }

  #add(name: string, server: Parameters<typeof readServer>[1], settings: string): void {
    const { clock, log } = this.#options;
    try {
      const connection = new ServerConnection({ name, settings: readServer(name, server), clock, log });
      this.#held.set(name, { settings, connection });
      this.#unusable.delete(name);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#unusable.set(name, settings);
      log.warn(error.message);
    }
  }
}

/**
 * Tools of the MCP servers in `mcp.servers`, named `<server>__<tool>`. A server is connected in the background when a
 * run first wants tools: the run waits a second at most, and tools of a slower server join with a later step. One that
 * cannot be reached has none and is tried again after 30 seconds, without anybody waiting.
 */
export function createMcpServers(options: McpOptions): McpServers {
  return new ConfiguredServers(options);
}
