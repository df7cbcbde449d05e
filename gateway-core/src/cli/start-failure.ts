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
  'gateway.port_in_use',
  'gateway.locked',
  'state.unwritable',
  'config.unreadable',
  'internal',
]);

// What the reference finds while it starts is told in these words; scripts look for them (spec/gateway-config.md §3).
const THROWN = new Set<string>(['secret.unavailable', 'gateway.settings_refused']);

function sentenceOf({ code, message }: AppError): string {
  // A sentence about the gateway itself says already what failed.
  if (message.startsWith('Gateway ')) return message;
  if (THROWN.has(code)) return `${PREFIX}Error: ${message}`;
  return PREFIXED.has(code) ? `${PREFIX}${message}` : message;
}

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
  return [sentenceOf(error), hintLine(error), ...(await portDiagnosis(context, portFlag, error))];
}
