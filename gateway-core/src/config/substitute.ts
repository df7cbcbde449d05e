// `${VAR}` in config strings (spec/gateway-config.md §2).
import type { ConfigIssue } from '../protocol/index.js';
import { isRecord, pathText } from './json-value.js';

const REFERENCE = /\$?\$\{([A-Z_][A-Z0-9_]*)\}/g;

/** A value that the config has but that cannot be used in this run. */
export interface UnavailableValue {
  /** Dotted path, e.g. `gateway.auth.token`. */
  path: string;
  /** Why, as one sentence. */
  reason: string;
}

export interface Substituted {
  value: unknown;
  warnings: ConfigIssue[];
  unavailable: UnavailableValue[];
}

export function missingVariable(name: string): string {
  return `Environment variable "${name}" is missing or empty.`;
}

interface Walk {
  env: NodeJS.ProcessEnv;
  warnings: ConfigIssue[];
  unavailable: UnavailableValue[];
}

function substituteText(text: string, path: readonly string[], walk: Walk): string | undefined {
  const missing = new Set<string>();
  const replaced = text.replace(REFERENCE, (match, name: string) => {
    if (match.startsWith('$$')) return match.slice(1);
    const value = walk.env[name];
    if (value === undefined || value === '') missing.add(name);
    return value ?? '';
  });
  for (const name of missing) {
    const where = pathText(path);
    walk.warnings.push({
      path: where,
      message: `Missing env var "${name}" — feature using this value will be unavailable`,
    });
    walk.unavailable.push({ path: where, reason: missingVariable(name) });
  }
  return missing.size > 0 ? undefined : replaced;
}

function substituteValue(value: unknown, path: readonly string[], walk: Walk): unknown {
  if (typeof value === 'string') return value.includes('${') ? substituteText(value, path, walk) : value;
  if (Array.isArray(value)) {
    return value
      .map((item, index) => substituteValue(item, [...path, String(index)], walk))
      .filter((item) => item !== undefined);
  }
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]) => [key, substituteValue(item, [...path, key], walk)] as const)
      .filter(([, item]) => item !== undefined),
  );
}

/** Puts variables into every string. A value that names a missing variable is left out and reported. */
export function substituteVariables(value: unknown, env: NodeJS.ProcessEnv): Substituted {
  const walk: Walk = { env, warnings: [], unavailable: [] };
  return { value: substituteValue(value, [], walk), warnings: walk.warnings, unavailable: walk.unavailable };
}

/** The line the log shows for a missing variable. */
export function missingVariableLine(configPath: string, warning: ConfigIssue): string {
  const text = warning.message.replace(/^Missing env var ("[^"]*") — /, `missing env var $1 at ${warning.path} — `);
  return `Config (${configPath}): ${text}`;
}
