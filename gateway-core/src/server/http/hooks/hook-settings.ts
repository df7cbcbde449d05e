// Pure: what the config says about hooks, with defaults and presets (spec/gateway-http.md §9).
import path from 'node:path';
import type { OpenClawConfig } from '../../../config/index.js';
import { AppError } from '../../../shared/app-error.js';

export type HooksConfig = NonNullable<OpenClawConfig['hooks']>;
export type HookMapping = NonNullable<HooksConfig['mappings']>[number];

export interface HookSettings {
  /** Starts with a slash, ends without one. */
  path: string;
  token: string;
  maxBodyBytes: number;
  defaultSessionKey?: string;
  allowRequestSessionKey: boolean;
  /** Absent: any. */
  allowedSessionKeyPrefixes?: readonly string[];
  /** Absent: any. */
  allowedAgentIds?: readonly string[];
  mappings: HookMapping[];
  /** Folder that transform modules must be in. */
  transformsDir: string;
  /** Lets Stripe sign its requests in place of the token. */
  stripeSecret?: string;
}

export interface HookPlace {
  /** Folder of the config file. */
  configDir: string;
  env: Readonly<Record<string, string | undefined>>;
}

const MAX_BODY_BYTES = 262_144;

function refuse(message: string): never {
  throw new AppError('gateway.settings_refused', { message });
}

function gmailPreset({ gmail }: HooksConfig): HookMapping {
  return {
    id: 'gmail',
    match: { path: 'gmail' },
    action: 'agent',
    wakeMode: 'now',
    name: 'Gmail',
    sessionKey: 'hook:gmail:{{messages[0].id}}',
    messageTemplate: [
      'A mail arrived.',
      'From: {{messages[0].from}}',
      'Subject: {{messages[0].subject}}',
      '{{messages[0].snippet}}',
      '{{messages[0].body}}',
    ].join('\n'),
    allowUnsafeExternalContent: gmail?.allowUnsafeExternalContent,
    model: gmail?.model,
    thinking: gmail?.thinking,
  };
}

function stripePreset(): HookMapping {
  return {
    id: 'stripe',
    match: { path: 'stripe' },
    action: 'agent',
    wakeMode: 'now',
    name: 'Stripe',
    sessionKey: 'hook:stripe:{{id}}',
    messageTemplate: 'Stripe reports {{type}} ({{id}}).\nLive: {{livemode}}\n{{data.object}}',
  };
}

const PRESETS: Readonly<Record<string, (config: HooksConfig) => HookMapping>> = {
  gmail: gmailPreset,
  stripe: stripePreset,
};

function presetMappings(config: HooksConfig): HookMapping[] {
  return (config.presets ?? []).flatMap((name) => {
    const preset = Object.hasOwn(PRESETS, name.trim().toLowerCase()) ? PRESETS[name.trim().toLowerCase()] : undefined;
    return preset ? [preset(config)] : [];
  });
}

function transformsDir(config: HooksConfig, configDir: string): string {
  const root = path.join(configDir, 'hooks', 'transforms');
  const folder = config.transformsDir ? path.resolve(root, config.transformsDir) : root;
  const isInside = folder === root || folder.startsWith(root + path.sep);
  return isInside ? folder : refuse(`hooks.transformsDir must be inside ${root}`);
}

function basePath(written: string | undefined): string {
  const trimmed = `/${(written ?? 'hooks').trim().replace(/^\/+|\/+$/g, '')}`;
  return trimmed === '/' ? refuse("hooks.path may not be '/'") : trimmed;
}

/** The secret of the Stripe preset: STRIPE_WEBHOOK_SECRET, as Stripe's own tools name it. */
function stripeSecret(config: HooksConfig, env: HookPlace['env']): string | undefined {
  const isOn = config.presets?.some((name) => name.trim().toLowerCase() === 'stripe');
  return isOn ? env.STRIPE_WEBHOOK_SECRET?.trim() || undefined : undefined;
}

/** Undefined while hooks are off. Throws AppError gateway.settings_refused. */
export function resolveHookSettings(config: HooksConfig | undefined, place: HookPlace): HookSettings | undefined {
  if (!config?.enabled) return undefined;
  const token = config.token?.trim();
  if (!token) return refuse('hooks.enabled requires hooks.token');
  return {
    path: basePath(config.path),
    token,
    maxBodyBytes: config.maxBodyBytes ?? MAX_BODY_BYTES,
    defaultSessionKey: config.defaultSessionKey?.trim() || undefined,
    allowRequestSessionKey: config.allowRequestSessionKey ?? false,
    allowedSessionKeyPrefixes: config.allowedSessionKeyPrefixes,
    allowedAgentIds: config.allowedAgentIds?.map((id) => id.trim().toLowerCase()),
    mappings: [...(config.mappings ?? []), ...presetMappings(config)],
    transformsDir: transformsDir(config, place.configDir),
    stripeSecret: stripeSecret(config, place.env),
  };
}
