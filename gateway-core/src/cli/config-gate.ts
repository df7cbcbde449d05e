// Stops commands that cannot work with a broken config.
import { describeInvalidConfig, type LoadedConfig } from '../config/index.js';
import type { CommandContext } from './context.js';

/** The config, or undefined after saying on stderr why it cannot be used. */
export async function requireValidConfig(context: CommandContext): Promise<LoadedConfig | undefined> {
  const loaded = await context.config();
  if (loaded.valid) return loaded;
  context.err(describeInvalidConfig(loaded));
  return undefined;
}
