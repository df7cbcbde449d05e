// What differs between two loads of the config: its settings, and the variables of `.env` files. Pure.
import { diffConfig } from './diff.js';
import type { LoadedConfig } from './load.js';

/** Dotted paths of what differs; a variable of a `.env` file counts as `env.<NAME>`. */
export function changedPaths(previous: LoadedConfig, next: LoadedConfig): string[] {
  const variables = [...previous.dotEnv, ...next.dotEnv].filter((name) => previous.env[name] !== next.env[name]);
  // A reference to a secret may change without its value being known here, so both forms count.
  const changed = [
    ...diffConfig(previous.config, next.config),
    ...diffConfig(previous.resolved, next.resolved),
    ...variables.map((name) => `env.${name}`),
  ];
  return [...new Set(changed)];
}

function partsOf({ parts }: LoadedConfig): string {
  return JSON.stringify(parts.map(({ file, text }) => [file, text]));
}

/** True when both were read from the same texts. */
export function isSameReading(one: LoadedConfig, other: LoadedConfig): boolean {
  return one.exists === other.exists && one.hash === other.hash && partsOf(one) === partsOf(other);
}
