// Reads one value of the config by its path, secrets masked.
import { REDACTED } from '../protocol/index.js';

const SECRET_KEY = /(token|password|secret|api[-_]?key|private[-_]?key|authorization)$/i;

/** "agents.list[0].id" → ["agents", "list", "0", "id"] */
export function splitConfigPath(path: string): string[] {
  return path
    .replace(/\[(\d+)\]/g, '.$1')
    .split('.')
    .filter((part) => part !== '');
}

function mask(key: string, value: unknown): unknown {
  if (typeof value === 'string') return SECRET_KEY.test(key) ? REDACTED : value;
  if (Array.isArray(value)) return value.map((item) => mask('', item));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mask(name, item)]));
}

/** The value at `path`, or undefined when there is none. */
export function readConfigPath(config: unknown, path: string): unknown {
  const parts = splitConfigPath(path);
  let value = config;
  for (const part of parts) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return parts.length === 0 ? undefined : mask(parts.at(-1) ?? '', value);
}
