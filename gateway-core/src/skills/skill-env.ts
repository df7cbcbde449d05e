// Pure: the variables that the settings of skills add to commands.
import type { OpenClawConfig } from '../config/index.js';
import { entryOf } from './gate.js';

// They change which program or library runs under a name, or belong to the gateway.
const REFUSED = [
  /^(PATH|PATHEXT|COMSPEC|SHELL|HOME|IFS|ENV|BASH_ENV|SHELLOPTS|BASHOPTS|PS4|PROMPT_COMMAND|GCONV_PATH)$/,
  /^(LD|DYLD|OPENCLAW|ELECTRON|NPM_CONFIG|GIT_CONFIG)_/,
  /^(NODE_OPTIONS|NODE_PATH|NODE_EXTRA_CA_CERTS|PYTHONPATH|PYTHONSTARTUP|PYTHONHOME|PERL5LIB|PERL5OPT|RUBYOPT|RUBYLIB)$/,
  /^(JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|GIT_SSH|GIT_SSH_COMMAND|GIT_ASKPASS|GIT_EXEC_PATH|SSH_ASKPASS|EDITOR|VISUAL|PAGER)$/,
];
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,99}$/;

/** True for a variable that a skill may get. */
export function isSkillVariable(name: string): boolean {
  return VARIABLE.test(name) && !REFUSED.some((pattern) => pattern.test(name.toUpperCase()));
}

/** Variables of one skill: its `env`, and its `apiKey` under the name that the skill gives it. */
export function skillVariables(
  config: OpenClawConfig,
  { skillKey, primaryEnv }: { skillKey: string; primaryEnv?: string },
): Record<string, string> {
  const entry = entryOf(config, skillKey);
  const key: unknown = entry?.apiKey;
  const pairs: Array<[string, unknown]> = Object.entries(entry?.env ?? {});
  if (primaryEnv !== undefined && entry?.env?.[primaryEnv] === undefined) pairs.unshift([primaryEnv, key]);
  return Object.fromEntries(
    pairs.filter(
      (pair): pair is [string, string] => typeof pair[1] === 'string' && pair[1] !== '' && isSkillVariable(pair[0]),
    ),
  );
}
