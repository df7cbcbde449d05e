// Reads the arguments of a call; over HTTP they come unchecked.
import { AppError } from '../shared/app-error.js';

export type Args = Record<string, unknown>;

/** A refusal whose sentence is for the model and for callers over HTTP. */
export function refused(message: string): AppError {
  return new AppError('request.invalid', { message });
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text that is not blank, trimmed. */
export function textArg(args: Args, name: string): string | undefined {
  const value = args[name];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** `textArg` that throws AppError request.invalid: `<name> required`. */
export function requiredText(args: Args, name: string): string {
  const value = textArg(args, name);
  if (value === undefined) throw refused(`${name} required`);
  return value;
}

/** A whole number between 1 and `max`; `fallback` for anything that is no number. */
export function wholeArg(value: unknown, fallback: number, max: number): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) return fallback;
  return Math.min(max, Math.max(1, Math.floor(value)));
}

/** Milliseconds of an argument in seconds, 0…`maxSeconds`; `fallbackSeconds` for anything that is no number. */
export function secondsArg(value: unknown, fallbackSeconds: number, maxSeconds: number): number {
  const seconds = typeof value === 'number' && Number.isFinite(value) ? value : fallbackSeconds;
  return Math.round(Math.min(maxSeconds, Math.max(0, seconds)) * 1000);
}

export function cut(text: string, maxChars: number): string {
  return text.length > maxChars ? `${text.slice(0, maxChars)}…` : text;
}
