// `openclaw gateway call <method>`: any method, with JSON parameters.
import { GatewayRequestError } from '../../client/index.js';
import type { CommandContext } from '../context.js';
import { accessLines, hintLine, refusalLines, requestErrorText } from '../failure.js';
import { GatewayAccessError, withGateway } from '../gateway-access.js';
import { resolveTarget, type TargetFlags } from '../target.js';

export interface GatewayCallOptions extends TargetFlags {
  params: string;
  expectFinal?: boolean;
  json?: boolean;
  timeout: number;
}

async function call(context: CommandContext, options: GatewayCallOptions, method: string): Promise<unknown> {
  const params: unknown = JSON.parse(options.params);
  const { config, path, env } = await context.config();
  const target = resolveTarget({ flags: options, env, config, configPath: path });
  const access = { target, profile: 'cli', timeoutMs: options.timeout } as const;
  return withGateway(context, access, ({ client }) =>
    client.call(method, params, { expectFinal: options.expectFinal, timeoutMs: options.timeout }),
  );
}

function reportFailure(context: CommandContext, error: unknown): void {
  if (error instanceof GatewayAccessError) {
    const [first = '', ...rest] = accessLines(error);
    for (const line of [...refusalLines(error), `Gateway call failed: Error: ${first}`, ...rest, hintLine(error)])
      context.err(line);
    return;
  }
  if (error instanceof GatewayRequestError) return context.err(`Gateway call failed: ${requestErrorText(error)}`);
  if (error instanceof SyntaxError) return context.err(`Gateway call failed: SyntaxError: ${error.message}`);
  throw error;
}

export async function run(
  context: CommandContext,
  options: GatewayCallOptions,
  [method = '']: string[],
): Promise<number> {
  let result: unknown;
  try {
    result = await call(context, options, method);
  } catch (error) {
    reportFailure(context, error);
    return 1;
  }
  if (!options.json) context.out(`Gateway call: ${method}`);
  context.json(result);
  return 0;
}
