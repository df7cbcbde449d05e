// Turns whatever a command threw into lines for stderr.
import { GatewayRequestError } from '../client/index.js';
import { AppError } from '../shared/app-error.js';
import { GatewayAccessError } from './gateway-access.js';
import { targetLines } from './target.js';

/** The name under which scripts know an error of the gateway. */
export function requestErrorText(error: GatewayRequestError): string {
  return `GatewayClientRequestError: ${error.message}`;
}

/** "hint [code]" */
export function hintLine(error: AppError): string {
  return [error.hint, `[${error.code}]`].filter(Boolean).join(' ');
}

/** What happened, then where the command had tried to go. */
export function accessLines(error: GatewayAccessError): string[] {
  return [error.message, ...targetLines(error.target)];
}

export function refusalLines(error: GatewayAccessError): string[] {
  return error.refusal ? [`gateway connect failed: ${requestErrorText(error.refusal)}`] : [];
}

export function failureLines(error: unknown): string[] {
  if (error instanceof GatewayAccessError) return [...refusalLines(error), ...accessLines(error), hintLine(error)];
  if (error instanceof GatewayRequestError) return [requestErrorText(error)];
  if (error instanceof AppError) return [error.message, hintLine(error)];
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [`[openclaw] Failed to start CLI: ${text}`];
}
