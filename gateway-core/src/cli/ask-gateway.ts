// One method call for one command: target, connection, answer.
import type { Static } from 'typebox';
import type { configWriteMethods, MethodTable, WholeWireMethods } from '../protocol/index.js';
import type { CommandContext } from './context.js';
import { type AccessOptions, type GatewaySession, withGateway } from './gateway-access.js';
import { resolveTarget, type TargetFlags } from './target.js';

export interface AskOptions extends TargetFlags {
  /** Milliseconds, for connecting and for each request. */
  timeout: number;
  json?: boolean;
}

type Table = MethodTable & WholeWireMethods & typeof configWriteMethods;
export type Params<M extends keyof Table> = Static<Table[M]['params']>;
export type Result<M extends keyof Table> = Static<Table[M]['result']>;
export type Ask = <M extends keyof Table>(method: M, params?: Params<M>) => Promise<Result<M>>;

/** Calls of one open connection. */
export function asking({ client }: GatewaySession): Ask {
  return (method, params) => client.call(method, params) as Promise<never>;
}

/**
 * Opens one connection to the gateway that flags, environment and config name, for one or more calls.
 * Throws GatewayAccessError or GatewayRequestError.
 */
export async function withAsk<T>(
  context: CommandContext,
  options: AskOptions,
  work: (ask: Ask) => Promise<T>,
  profile: AccessOptions['profile'] = 'cli',
): Promise<T> {
  const { config, path, env } = await context.config();
  const target = resolveTarget({ flags: options, env, config, configPath: path });
  return withGateway(context, { target, profile, timeoutMs: options.timeout }, (session) => work(asking(session)));
}

/** Opens a connection for one call. */
export function askGateway<M extends keyof Table>(
  context: CommandContext,
  options: AskOptions,
  method: M,
  params?: Params<M>,
): Promise<Result<M>> {
  return withAsk(context, options, (ask) => ask(method, params));
}
