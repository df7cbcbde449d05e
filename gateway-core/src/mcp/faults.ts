// Pure: what went wrong with a server. Its words are a stranger's, so little of them is passed on.
import { errorMessage } from '../shared/app-error.js';

const MAX_CHARS = 300;

/** One short line. */
export function faultText(error: unknown): string {
  const line = errorMessage(error)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
  return line.length > MAX_CHARS ? `${line.slice(0, MAX_CHARS - 1)}…` : line;
}

/** What the server itself said about a request, in contrast to what HTTP or the network said. */
const isFromServer = (error: unknown): boolean => error instanceof Error && error.name === 'McpError';

/** Over HTTP: the server was started anew, and asks by this status to begin a new session. */
export function isLostSession(error: unknown): boolean {
  return !isFromServer(error) && error instanceof Error && (error as { code?: unknown }).code === 404;
}

/** Over HTTP: nobody is there any more. */
export const isUnreachable = (error: unknown): boolean => error instanceof TypeError;
