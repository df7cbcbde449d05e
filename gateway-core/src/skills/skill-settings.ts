// Pure: edits of skills.entries.<key> that `skills.update` asks for.
import type { ConfigEdit, OpenClawConfig } from '../config/index.js';
import { REDACTED } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';
import { entryOf } from './gate.js';
import { isSkillVariable } from './skill-env.js';
import { isSkillKey } from './skill-file.js';

export interface SkillUpdate {
  skillKey: string;
  enabled?: boolean;
  /** Empty removes it. */
  apiKey?: string;
  /** An empty value removes its variable. */
  env?: Record<string, string>;
}

/** Throws AppError request.invalid for names that cannot be settings. */
export function checkUpdate({ skillKey, env = {} }: SkillUpdate): void {
  if (!isSkillKey(skillKey)) {
    throw new AppError('request.invalid', { message: `"${skillKey}" cannot be the key of a skill.` });
  }
  const refused = Object.keys(env).find((name) => !isSkillVariable(name));
  if (refused !== undefined) {
    throw new AppError('request.invalid', {
      message: `A skill may not set the variable "${refused}".`,
      hint: 'It is no name of a variable, or it would change which programs run.',
    });
  }
}

/** A text that came masked from the gateway and goes back unchanged says nothing new. */
function textEdit(path: readonly string[], before: unknown, value: string): ConfigEdit[] {
  const text = value.trim();
  if (text === REDACTED || text === before) return [];
  if (text !== '') return [{ op: 'set', path, value: text }];
  return before === undefined ? [] : [{ op: 'delete', path }];
}

/** The edits that make the file's settings of a skill as wanted; nothing where they are so already. */
export function settingEdits(config: OpenClawConfig, update: SkillUpdate): ConfigEdit[] {
  const { skillKey, enabled, apiKey, env = {} } = update;
  const at = ['skills', 'entries', skillKey];
  const entry = entryOf(config, skillKey);
  return [
    ...(enabled === undefined || enabled === entry?.enabled
      ? []
      : [{ op: 'set' as const, path: [...at, 'enabled'], value: enabled }]),
    ...(apiKey === undefined ? [] : textEdit([...at, 'apiKey'], entry?.apiKey, apiKey)),
    ...Object.entries(env).flatMap(([name, value]) => textEdit([...at, 'env', name], entry?.env?.[name], value)),
  ];
}

/** The settings as clients may see them: which there are, without what they hold. */
export function shownSettings(config: OpenClawConfig, skillKey: string): Record<string, unknown> {
  const { enabled, apiKey, env } = entryOf(config, skillKey) ?? {};
  return {
    ...(enabled !== undefined && { enabled }),
    ...(apiKey !== undefined && { apiKey: REDACTED }),
    ...(env && { env: Object.fromEntries(Object.keys(env).map((name) => [name, REDACTED])) }),
  };
}
