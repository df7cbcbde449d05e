// `openclaw logs`: the gateway's log, once or as it grows.
import { type GatewayClient, GatewayClosedError } from '../../client/index.js';
import type { LogsTailResult } from '../../protocol/index.js';
import { AppError } from '../../shared/app-error.js';
import { LOG_LEVELS, type LogLevel } from '../../shared/logger.js';
import type { CommandContext } from '../context.js';
import { accessLines, hintLine, refusalLines } from '../failure.js';
import { GatewayAccessError, withGateway } from '../gateway-access.js';
import { formatLogLine, parseLogLine, passes } from '../log-lines.js';
import { resolveTarget, type TargetFlags } from '../target.js';

export interface LogsOptions extends TargetFlags {
  limit: number;
  maxBytes: number;
  follow?: boolean;
  interval: number;
  level?: string;
  json?: boolean;
  plain?: boolean;
  localTime?: boolean;
  timeout: number;
}

const UNREACHABLE = 'Gateway not reachable. Is it running and accessible?';
const DOCTOR = 'Hint: run `openclaw doctor`.';

class LogPrinter {
  #metaShown = false;
  readonly #threshold: LogLevel | undefined;
  readonly #colour: boolean;

  constructor(
    private readonly context: CommandContext,
    private readonly options: LogsOptions,
  ) {
    const { level, plain } = options;
    this.#threshold = LOG_LEVELS.find((known) => known === level);
    const { stdout, argv } = context.host;
    this.#colour = stdout.isTTY && !plain && !context.env.NO_COLOR && !argv.includes('--no-color');
  }

  show(tail: LogsTailResult): void {
    if (!this.#metaShown) this.#showMeta(tail);
    if (tail.truncated) this.notice('Log tail truncated (increase --max-bytes).');
    if (tail.reset) this.notice('Log cursor reset (file rotated).');
    for (const raw of tail.lines) this.#showLine(raw);
  }

  notice(message: string): void {
    if (this.options.json) this.#object({ type: 'notice', message });
    else this.context.err(message);
  }

  #showMeta({ file, cursor, size }: LogsTailResult): void {
    this.#metaShown = true;
    if (this.options.json) this.#object({ type: 'meta', file, cursor, size });
    else this.context.out(`Log file: ${file}`);
  }

  #showLine(raw: string): void {
    const line = parseLogLine(raw);
    if (!passes(line, this.#threshold)) return;
    if (this.options.json) {
      const { time, level, subsystem, message } = line ?? {};
      this.#object(line ? { type: 'log', time, level, subsystem, message, raw } : { type: 'raw', raw });
      return;
    }
    const style = { localTime: this.options.localTime ?? false, colour: this.#colour };
    this.context.out(line ? formatLogLine(line, style) : raw);
  }

  #object(value: unknown): void {
    this.context.out(JSON.stringify(value));
  }
}

/** Resolves when the client is connected again; rejects when it is refused or the signal fires. */
function backOnline(client: GatewayClient, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (act: () => void): void => {
      off();
      signal.removeEventListener('abort', stop);
      act();
    };
    const stop = (): void => finish(resolve);
    const look = ({ phase, error }: GatewayClient['state']): void => {
      if (phase === 'ready') finish(resolve);
      if (phase === 'refused') finish(() => reject(new GatewayClosedError(1008, error?.message ?? '')));
    };
    const off = client.onState(look);
    signal.addEventListener('abort', stop);
    look(client.state);
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal.addEventListener('abort', finish);
  });
}

async function follow(
  client: GatewayClient,
  printer: LogPrinter,
  options: LogsOptions,
  signal: AbortSignal,
): Promise<void> {
  const { limit, maxBytes, interval } = options;
  let cursor: number | undefined;
  while (!signal.aborted) {
    try {
      const tail = await client.request('logs.tail', { limit, maxBytes, ...(cursor !== undefined && { cursor }) });
      cursor = tail.cursor;
      printer.show(tail);
      await pause(interval, signal);
    } catch (error) {
      // A gateway that restarts is followed across the restart; the cursor stays valid.
      if (!(error instanceof GatewayClosedError) || client.state.phase === 'refused') throw error;
      printer.notice('The gateway is away; waiting for it.');
      await backOnline(client, signal);
    }
  }
}

function reportUnreachable(context: CommandContext, error: GatewayAccessError, json: boolean | undefined): void {
  const lines = accessLines(error);
  if (json) {
    const [message = '', ...details] = lines;
    const record = { type: 'error', message: UNREACHABLE, error: message, details, code: error.code, hint: DOCTOR };
    context.err(JSON.stringify(record));
    return;
  }
  for (const line of [...refusalLines(error), UNREACHABLE, ...lines, DOCTOR, hintLine(error)]) context.err(line);
}

function checkLevel(level: string | undefined): void {
  if (level === undefined || LOG_LEVELS.some((known) => known === level)) return;
  const message = `Invalid --level "${level}".`;
  throw new AppError('request.invalid', { message, hint: `Use one of ${LOG_LEVELS.join(', ')}.` });
}

export async function run(context: CommandContext, options: LogsOptions): Promise<number> {
  checkLevel(options.level);
  const { config, path, env } = await context.config();
  const target = resolveTarget({ flags: options, env, config, configPath: path });
  const printer = new LogPrinter(context, options);
  const abort = new AbortController();
  const unlisten = context.host.onStopSignal(() => abort.abort());
  try {
    await withGateway(context, { target, profile: 'cli', timeoutMs: options.timeout }, async ({ client }) => {
      if (options.follow) return follow(client, printer, options, abort.signal);
      printer.show(await client.request('logs.tail', { limit: options.limit, maxBytes: options.maxBytes }));
    });
    return 0;
  } catch (error) {
    if (!(error instanceof GatewayAccessError)) throw error;
    reportUnreachable(context, error, options.json);
    return 1;
  } finally {
    unlisten();
  }
}
