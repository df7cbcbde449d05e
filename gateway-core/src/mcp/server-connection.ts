// One MCP server: connected in the background, its tools known, connected again after it went away.
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { AppError, isAppError } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import type { Logger } from '../shared/logger.js';
import { APP_VERSION } from '../shared/version.js';
import { faultText, isLostSession, isUnreachable } from './faults.js';
import { isUsableSchema, type ListedTool, MCP_LIMITS, type ServerAnswer } from './mcp-tool.js';
import type { McpServerSettings } from './server-settings.js';
import { openTransport } from './transport.js';
import { untilAborted, within } from './waiting.js';

export interface ConnectionOptions {
  name: string;
  settings: McpServerSettings;
  clock: Clock;
  log: Logger;
}

export type ServerState = 'idle' | 'ready' | 'failed' | 'stopped';

/** After a failure nobody tries this server again until so long has passed. */
const RETRY_MS = 30_000;
/** So long a turn waits for a server that is being connected; then its tools join with a later step. */
export const PATIENCE_MS = 1_000;
const CALL_MS = 120_000;
/** A server that answers without end is not asked for more pages. */
const PAGES = 20;

interface Live {
  client: Client;
  tools: readonly ListedTool[];
  /** True when it said that its tools changed; they are asked for when somebody wants them next. */
  isStale: boolean;
  /** Why its connection was given up. */
  brokenBy?: unknown;
}

/** A client that speaks to nobody yet, and the notice of tools that changed. */
async function openClient() {
  const [{ Client: SdkClient }, { ToolListChangedNotificationSchema: changed }] = await Promise.all([
    import('@modelcontextprotocol/sdk/client/index.js'),
    import('@modelcontextprotocol/sdk/types.js'),
  ]);
  return { client: new SdkClient({ name: 'openclaw-hq', version: APP_VERSION }), changed };
}

async function listTools(client: Client, timeout: number, signal: AbortSignal): Promise<ListedTool[]> {
  const tools = new Map<string, ListedTool>();
  let cursor: string | undefined;
  for (let page = 0; page < PAGES && tools.size < MCP_LIMITS.tools; page += 1) {
    const answer = await client.listTools(cursor === undefined ? {} : { cursor }, { timeout, signal });
    for (const tool of answer.tools) {
      if (!tools.has(tool.name) && isUsableSchema(tool.inputSchema)) tools.set(tool.name, tool);
    }
    cursor = answer.nextCursor;
    if (cursor === undefined) break;
  }
  return [...tools.values()].slice(0, MCP_LIMITS.tools);
}

export class ServerConnection {
  readonly #options: ConnectionOptions;
  /** Being connected, or connected. */
  #opening: Promise<Live> | undefined;
  #live: Live | undefined;
  /** Resolves when the tools are up to date, or when a turn has waited long enough for that. */
  #patience: Promise<void> = Promise.resolve();
  #state: ServerState = 'idle';
  #error: string | undefined;
  #failedAt = Number.NEGATIVE_INFINITY;
  #readyAt = Number.NEGATIVE_INFINITY;
  readonly #stopped = new AbortController();
  readonly #ends = new Set<Promise<void>>();

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  get status(): { name: string; state: ServerState; error?: string } {
    const error = this.#error;
    return { name: this.#options.name, state: this.#state, ...(error !== undefined && { error }) };
  }

  /**
   * The tools that are known now; none while it cannot be reached. Begins to connect, and waits for that no longer
   * than a turn can bear, and not at all for a server that failed before.
   */
  async tools(): Promise<readonly ListedTool[]> {
    const { clock } = this.#options;
    if (this.#stopped.signal.aborted) return [];
    if (!this.#opening && clock.now() - this.#failedAt < RETRY_MS) return [];
    if (!this.#opening) {
      const patienceMs = this.#error === undefined ? PATIENCE_MS : 0;
      this.#patience = within(this.#connected(), patienceMs, clock);
    } else if (this.#live?.isStale) {
      this.#patience = within(this.#refresh(this.#live), PATIENCE_MS, clock);
    }
    await this.#patience;
    return this.#live?.tools ?? [];
  }

  /** Throws AppError mcp.unavailable or mcp.call_failed, or the abort's reason. */
  async call(tool: string, args: Record<string, unknown>, signal: AbortSignal): Promise<ServerAnswer> {
    const live = await untilAborted(this.#connected(), signal);
    try {
      return await this.#ask(live.client, tool, args, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (isLostSession(error) || isUnreachable(error)) this.#drop(live);
      // It forgot the session, so it did nothing with the call.
      if (!isLostSession(error)) throw this.#callFailed(live.brokenBy ?? error);
    }
    const again = await untilAborted(this.#connected(), signal);
    try {
      return await this.#ask(again.client, tool, args, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw this.#callFailed(error);
    }
  }

  /** Ends the connection and, for a program, the program. A connection that is being made ends too. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    this.#stopped.abort(new Error('it is not used any more'));
    const opening = this.#opening;
    this.#opening = undefined;
    const live = await opening?.catch(() => undefined);
    this.#live = undefined;
    if (live) this.#close(live.client);
    await Promise.all(this.#ends);
  }

  async #ask(client: Client, name: string, args: Record<string, unknown>, signal: AbortSignal): Promise<ServerAnswer> {
    const answer = await client.callTool({ name, arguments: args }, undefined, { signal, timeout: CALL_MS });
    // Old servers answer in a shape without content; every field is read with care anyway.
    return answer as ServerAnswer;
  }

  #callFailed(error: unknown): AppError {
    const message = `The MCP server "${this.#options.name}" could not do this: ${faultText(error)}`;
    return new AppError('mcp.call_failed', { message, cause: error });
  }

  #connected(): Promise<Live> {
    if (this.#stopped.signal.aborted) {
      const message = `The MCP server "${this.#options.name}" is not in use any more.`;
      return Promise.reject(new AppError('mcp.unavailable', { message }));
    }
    this.#opening ??= this.#connect();
    return this.#opening;
  }

  async #connect(): Promise<Live> {
    const { settings, clock } = this.#options;
    const late = new AbortController();
    const seconds = Math.round(settings.timeoutMs / 1000);
    const timer = clock.after(settings.timeoutMs, () => late.abort(new Error(`no answer within ${seconds} seconds`)));
    const signal = AbortSignal.any([late.signal, this.#stopped.signal]);
    const { client, changed } = await openClient();
    try {
      // Some transports wait without end for a server that says nothing.
      const tools = await untilAborted(this.#open(client, signal), signal);
      const live = this.#ready(client, tools);
      client.setNotificationHandler(changed, () => void (live.isStale = true));
      return live;
    } catch (error) {
      this.#close(client);
      throw this.#failed(error);
    } finally {
      timer.cancel();
    }
  }

  async #open(client: Client, signal: AbortSignal): Promise<ListedTool[]> {
    const { settings } = this.#options;
    const transport = await openTransport(settings, (why) => this.#broke(client, why));
    signal.throwIfAborted();
    await client.connect(transport, { timeout: settings.timeoutMs, signal });
    return listTools(client, settings.timeoutMs, signal);
  }

  #ready(client: Client, tools: readonly ListedTool[]): Live {
    const { name, clock, log } = this.#options;
    this.#stopped.signal.throwIfAborted();
    const live: Live = { client, tools, isStale: false };
    client.onclose = () => this.#lost(live);
    this.#live = live;
    this.#state = 'ready';
    this.#readyAt = clock.now();
    this.#error = undefined;
    log.info(`MCP server "${name}" is connected (${tools.length} tools).`);
    return live;
  }

  /** Never rejects: a server that does not answer keeps the tools it had. */
  async #refresh(live: Live): Promise<void> {
    const { name, settings, log } = this.#options;
    live.isStale = false;
    try {
      live.tools = await listTools(live.client, settings.timeoutMs, this.#stopped.signal);
    } catch (error) {
      log.warn(`The MCP server "${name}" did not say which tools it has now: ${faultText(error)}`);
    }
  }

  #failed(error: unknown): AppError {
    const { name, clock, log } = this.#options;
    this.#opening = undefined;
    if (this.#stopped.signal.aborted) {
      return new AppError('mcp.unavailable', { message: `The MCP server "${name}" is not in use any more.` });
    }
    this.#failedAt = clock.now();
    this.#state = 'failed';
    this.#error = faultText(error);
    const message = `The MCP server "${name}" cannot be reached: ${this.#error}`;
    log.warn(message);
    return isAppError(error) ? error : new AppError('mcp.unavailable', { message, cause: error });
  }

  /** Waited for by `stop` only. */
  #close(client: Client): void {
    const { name, log } = this.#options;
    client.onclose = undefined;
    const end = client
      .close()
      .catch((error: unknown) => log.warn(`The MCP server "${name}" did not end well: ${faultText(error)}`))
      .finally(() => this.#ends.delete(end));
    this.#ends.add(end);
  }

  /** Every call that waits for an answer of this connection fails with its end. */
  #broke(client: Client, why: unknown): void {
    const live = this.#live;
    if (live?.client !== client) return;
    live.brokenBy = why;
    this.#drop(live);
  }

  #drop(live: Live): void {
    if (this.#live !== live) return;
    this.#lost(live);
    this.#close(live.client);
  }

  /** The next use connects anew; a server that went away at once is left alone for a while. */
  #lost(live: Live): void {
    live.client.onclose = undefined;
    if (this.#stopped.signal.aborted || this.#live !== live) return;
    this.#live = undefined;
    this.#opening = undefined;
    this.#state = 'idle';
    const now = this.#options.clock.now();
    if (now - this.#readyAt < RETRY_MS) this.#failedAt = now;
  }
}
