// The /config command: reads and changes one value of the config, secrets masked.
import JSON5 from 'json5';
import { type ConfigEdit, redactValue } from '../config/index.js';
import { REDACTED } from '../protocol/index.js';
import { isAppError } from '../shared/app-error.js';
import type { ChatCommand, ConfigAsk } from './commands.js';
import { CONFIG_USAGE } from './command-texts.js';

/** The config as its one owner sees it. */
export interface ConfigAccess {
  /** The config as it is in the file, secrets and all. */
  value(): unknown;
  /** Checked, written and taken over when it resolves. Throws AppError `config.*`. */
  write(edits: readonly ConfigEdit[]): Promise<void>;
}

const MAX_SHOWN = 4_000;
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/** `agents.list[0].id` → its steps; undefined for a path that cannot be one. */
function stepsOf(path: string): string[] | undefined {
  const steps = path
    .replace(/\[(\d+)\]/g, '.$1')
    .split('.')
    .filter((step) => step !== '');
  return steps.some((step) => FORBIDDEN.has(step)) ? undefined : steps;
}

function valueAt(root: unknown, steps: readonly string[]): unknown {
  let value = root;
  for (const step of steps) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  return text.length <= MAX_SHOWN
    ? text
    : `${text.slice(0, MAX_SHOWN)}\n… Name a path to see less: /config get <path>.`;
}

/** JSON5 when it is, else the text itself. */
function parseValue(text: string): unknown {
  try {
    return JSON5.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return text;
  }
}

/** Pure: a /config command as it may be kept in a history: without secrets. */
export function storableConfigCommand(message: string, command: Extract<ChatCommand, { name: 'config' }>): string {
  const { ask } = command;
  if (ask.action !== 'set') return message;
  const value = parseValue(ask.value);
  const masked = redactValue(value, stepsOf(ask.path) ?? []);
  return JSON.stringify(masked) === JSON.stringify(value)
    ? message
    : `/config set ${ask.path} ${typeof masked === 'string' ? masked : JSON.stringify(masked)}`;
}

function get(access: ConfigAccess, path: string): string {
  const steps = stepsOf(path);
  const value = steps && valueAt(access.value(), steps);
  if (!steps || value === undefined) return `The config has no ${path}.`;
  return `${path === '' ? 'The config' : path}:\n${shown(redactValue(value, steps))}`;
}

async function change(access: ConfigAccess, edit: ConfigEdit, path: string): Promise<string> {
  if (edit.op === 'set' && JSON.stringify(edit.value).includes(REDACTED)) {
    return `${path} was not changed: the value has the mask of a secret in it. Write the secret itself.`;
  }
  try {
    await access.write([edit]);
  } catch (error) {
    if (!isAppError(error)) throw error;
    return [error.message, error.hint].filter(Boolean).join(' ');
  }
  if (edit.op === 'delete') return `${path} is no longer in the config.`;
  return `${path} is now ${shown(redactValue(edit.value, edit.path))}.`;
}

/** The answer to /config. The caller must be an administrator. */
export async function answerConfig(ask: ConfigAsk, access: ConfigAccess | undefined): Promise<string> {
  if (!access) return 'The config cannot be reached from here.';
  if (ask.action === 'usage') return CONFIG_USAGE;
  if (ask.action === 'get') return get(access, ask.path);
  const path = stepsOf(ask.path);
  if (!path || path.length === 0) return `“${ask.path}” is not a path of the config.`;
  if (ask.action === 'set') return change(access, { op: 'set', path, value: parseValue(ask.value) }, ask.path);
  if (valueAt(access.value(), path) === undefined) return `The config has no ${ask.path}.`;
  return change(access, { op: 'delete', path }, ask.path);
}
