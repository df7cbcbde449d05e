// `openclaw config file|get|validate|schema`: reading only.
import { type AskOptions, askGateway } from '../ask-gateway.js';
import { readConfigPath } from '../config-path.js';
import type { CommandContext } from '../context.js';

export interface ConfigOptions {
  json?: boolean;
}

export async function runFile(context: CommandContext): Promise<number> {
  context.out(context.paths.configPath);
  return 0;
}

export async function runGet(context: CommandContext, options: ConfigOptions, [path = '']: string[]): Promise<number> {
  const { config } = await context.config();
  const value = readConfigPath(config, path);
  if (value === undefined) {
    context.err(`Config path not found: ${path}`);
    return 1;
  }
  if (options.json || typeof value === 'object') context.json(value);
  else context.out(String(value));
  return 0;
}

export async function runValidate(context: CommandContext, options: ConfigOptions): Promise<number> {
  const { valid, path, issues } = await context.config();
  if (valid) {
    context.out(options.json ? JSON.stringify({ valid, path }) : `Config valid: ${path}`);
    return 0;
  }
  if (options.json) {
    context.json({ valid, path, issues });
    return 1;
  }
  context.err(`Config invalid: ${path}`);
  for (const issue of issues) context.err(`  - ${issue.path || '<root>'}: ${issue.message}`);
  return 1;
}

/** The schema of the running gateway, whole or one setting with its children. The reference has no such command. */
export async function runSchema(context: CommandContext, options: AskOptions, [path]: string[]): Promise<number> {
  const schema =
    path === undefined
      ? await askGateway(context, options, 'config.schema', {})
      : await askGateway(context, options, 'config.schema.lookup', { path });
  context.json(schema);
  return 0;
}
