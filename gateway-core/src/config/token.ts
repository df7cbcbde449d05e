// The gateway's token: made on the first start and kept in the config file.
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import JSON5 from 'json5';
import { AppError, errorMessage } from '../shared/app-error.js';
import { ensureFolder, readTextIfExists, writeTextDurably } from '../shared/json-file.js';
import type { Logger } from '../shared/logger.js';
import { rotateBackups } from './backups.js';
import { fileBehind } from './file-behind.js';
import { insertValue } from './insert.js';
import { isRecord, withValueAt } from './json-value.js';
import { lockConfigFile } from './lock.js';
import type { GatewaySettings } from './settings.js';

const TOKEN_PATH = ['gateway', 'auth', 'token'];

export interface EnsureTokenOptions {
  settings: GatewaySettings;
  configPath: string;
  log: Logger;
  /** 32 random bytes by default. */
  makeToken?: () => string;
}

export interface EnsuredToken {
  /** The settings to go on with; `auth.token` is there in token mode. */
  settings: GatewaySettings;
  /** True when a token was made and saved now. */
  created: boolean;
  /** The config file's new text, when it was written. */
  raw?: string;
}

function newToken(): string {
  return randomBytes(32).toString('hex');
}

/** The text of the file with the token in it. A new file also says `gateway.mode: local`, so the next start needs no flag. */
function withToken(text: string | undefined, token: string, log: Logger): string {
  if (text === undefined) {
    return `${JSON.stringify({ gateway: { mode: 'local', auth: { token } } }, null, 2)}\n`;
  }
  const inserted = insertValue(text, TOKEN_PATH, token);
  if (inserted !== undefined) return inserted;
  const value: unknown = JSON5.parse(text);
  if (!isRecord(value)) throw new Error('the config file does not hold an object');
  log.warn(
    'the token could not be added to the config as text; the file was rewritten and its comments are only in the backup (.bak)',
  );
  return `${JSON.stringify(withValueAt(value, TOKEN_PATH, token), null, 2)}\n`;
}

async function saveToken(configPath: string, token: string, log: Logger): Promise<string> {
  try {
    const file = await fileBehind(configPath);
    await ensureFolder(path.dirname(file));
    const lock = await lockConfigFile(file);
    try {
      const before = await readTextIfExists(file);
      const after = withToken(before, token, log);
      if (before !== undefined) await rotateBackups(file);
      await writeTextDurably(file, after, { mode: 0o600 });
      return after;
    } finally {
      await lock.release();
    }
  } catch (error) {
    throw new AppError('state.unwritable', {
      message: `The new gateway token cannot be saved to ${configPath}: ${errorMessage(error)}`,
      hint: 'Make the file writable, or set gateway.auth.token (or OPENCLAW_GATEWAY_TOKEN) yourself.',
      details: { path: configPath },
      cause: error,
    });
  }
}

/**
 * In token mode without a token, makes one (64 hex characters) and saves it to `gateway.auth.token`:
 * atomically, mode 0600, comments and key order kept, the replaced file kept as `.bak`. Otherwise changes nothing.
 * Throws `state.unwritable` when it cannot be saved.
 */
export async function ensureGatewayToken(options: EnsureTokenOptions): Promise<EnsuredToken> {
  const { settings, configPath, log } = options;
  if (settings.auth.mode !== 'token' || settings.auth.token) return { settings, created: false };
  const token = (options.makeToken ?? newToken)();
  const raw = await saveToken(configPath, token, log);
  log.info('auth token was missing. Generated a new token and saved it to config (gateway.auth.token).');
  return { settings: { ...settings, auth: { ...settings.auth, token } }, created: true, raw };
}
