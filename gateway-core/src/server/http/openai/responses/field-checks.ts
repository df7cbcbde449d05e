// Pure: checks of single fields, in the words that clients of this endpoint know (spec/gateway-http.md §4).
import { type ApiError, invalidRequest } from '../api-error.js';
import type { JsonObject } from '../read-body.js';

export function fault(path: string, message: string): ApiError {
  return invalidRequest(path === '' ? message : `${path}: ${message}`);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function expected(kind: string, value: unknown, path: string): ApiError {
  return fault(path, `Invalid input: expected ${kind}, received ${kindOf(value)}`);
}

export function text(value: unknown, path: string): string {
  if (typeof value !== 'string') throw expected('string', value, path);
  return value;
}

export function optionalText(value: unknown, path: string): string | undefined {
  return value === undefined ? undefined : text(value, path);
}

/** Nulls count as absent: SDKs send them for fields that are not set. */
export function optional<T>(value: unknown, path: string, read: (value: unknown, path: string) => T): T | undefined {
  return value === undefined || value === null ? undefined : read(value, path);
}

export function object(value: unknown, path: string): JsonObject {
  if (kindOf(value) !== 'object') throw expected('object', value, path);
  return value as JsonObject;
}

export function list(value: unknown, path: string): unknown[] {
  if (!Array.isArray(value)) throw expected('array', value, path);
  return value;
}

export function flag(value: unknown, path: string): boolean {
  if (typeof value !== 'boolean') throw expected('boolean', value, path);
  return value;
}

export function number(value: unknown, path: string): number {
  if (typeof value !== 'number') throw expected('number', value, path);
  return value;
}

export function positiveInteger(value: unknown, path: string): number {
  if (!Number.isInteger(number(value, path))) throw fault(path, 'Invalid input: expected int, received number');
  if ((value as number) <= 0) throw fault(path, 'Too small: expected number to be >0');
  return value as number;
}

export function oneOf<const V extends readonly string[]>(values: V): (value: unknown, path: string) => V[number] {
  return (value, path) => {
    if (typeof value === 'string' && values.includes(value)) return value;
    throw fault(path, `Invalid option: expected one of ${values.map((item) => `"${item}"`).join('|')}`);
  };
}

export function onlyKeys(value: JsonObject, known: readonly string[], path: string): void {
  const unknown = Object.keys(value).filter((key) => !known.includes(key));
  if (unknown.length === 0) return;
  const names = unknown.map((key) => `"${key}"`).join(', ');
  throw fault(path, `Unrecognized key${unknown.length > 1 ? 's' : ''}: ${names}`);
}
