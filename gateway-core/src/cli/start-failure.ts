// What the terminal says when the gateway cannot start.
import { AppError, errorMessage } from '../shared/app-error.js';
import type { CommandContext } from './context.js';
import { hintLine } from './failure.js';
import { inspectPort, portLines } from './port-listeners.js';
import { localPort } from './target.js';

const PREFIX = 'Gateway failed to start: ';

// The others are whole sentences of their own, which scripts know.
const PREFIXED = new Set<string>([
  'gateway.port_denied',
  'gateway.listen_failed',
  'secret.unavailable',
  'gateway.port_in_use',
  'gateway.locked',
  'state.unwritable',
  'config.unreadable',
  'internal',
]);

/** The port a gateway would take without --port. */
export async function configuredPort(context: CommandContext): Promise<number> {
  const { env, config } = await context.config();
  return localPort(env, config);
}

async function portDiagnosis(
  context: CommandContext,
  portFlag: string | undefined,
  error: AppError,
): Promise<string[]> {
  if (error.code !== 'gateway.port_in_use' && error.code !== 'gateway.locked') return [];
  const port = portFlag === undefined ? await configuredPort(context) : Number(portFlag);
  return portLines(await inspectPort(port, context.host.platform));
}

/** One sentence, what to do with the code, and who has the port if that is the trouble. */
export async function startFailureLines(
  context: CommandContext,
  portFlag: string | undefined,
  error: unknown,
): Promise<string[]> {
  if (!(error instanceof AppError)) {
    const stack =
      context.globals.logLevel === 'debug' && error instanceof Error ? (error.stack ?? '').split('\n').slice(1) : [];
    const hint = 'Start it again with --verbose --log-level debug to see where. [internal]';
    return [`${PREFIX}${errorMessage(error)}`, ...stack, hint];
  }
  const prefixed = PREFIXED.has(error.code) && !error.message.startsWith(PREFIX);
  const sentence = prefixed ? `${PREFIX}${error.message}` : error.message;
  return [sentence, hintLine(error), ...(await portDiagnosis(context, portFlag, error))];
}
