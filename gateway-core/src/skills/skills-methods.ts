// The wire of skills (spec/gateway-protocol.md §7.5).
import type { ConfigEdit, OpenClawConfig } from '../config/index.js';
import type { WholeWireMethods } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';
import type { WireHandlers } from '../shared/wire.js';
import type { Skills } from './create-skills.js';
import type { createSkillInstaller } from './install-skill.js';
import { checkUpdate, settingEdits, shownSettings } from './skill-settings.js';

export interface SkillsMethodsOptions {
  agents: { ids(): readonly string[]; defaultId(): string };
  skills: Skills;
  install: ReturnType<typeof createSkillInstaller>;
  /** The config as the file has it now. */
  config: () => OpenClawConfig;
  /** Changes the config's own file; the plan is made of what is in it at that moment. */
  writeConfig: (plan: (own: OpenClawConfig) => ConfigEdit[]) => Promise<void>;
}

export type SkillsMethodName = Extract<keyof WholeWireMethods, `skills.${string}`>;

function refuseHub(what: string): never {
  throw new AppError('feature.unavailable', {
    message: `This gateway is not connected to a library of skills, so ${what}.`,
    hint: 'Put the folder of a skill into the skills folder of the state folder or of a workspace.',
  });
}

/**
 * The handlers of `skills.*`. Refusals are AppError request.invalid, feature.unavailable (clawhub) and `skill.*`;
 * what `writeConfig` throws is passed on.
 */
export function createSkillsMethods(options: SkillsMethodsOptions): WireHandlers<SkillsMethodName> {
  const { agents, skills, install, config, writeConfig } = options;
  return {
    'skills.status': async ({ agentId }) => {
      const id = agentId?.trim().toLowerCase() ?? agents.defaultId();
      if (!agents.ids().includes(id)) {
        throw new AppError('request.invalid', { message: `unknown agent id "${agentId}"` });
      }
      const { workspaceDir, managedSkillsDir, skills: found } = await skills.status(id);
      return { workspaceDir, managedSkillsDir, skills: found.map((skill) => ({ ...skill })) };
    },
    'skills.bins': async () => ({ bins: await skills.bins() }),
    'skills.install': async (params, { signal }) => {
      if ('source' in params) return refuseHub('nothing was installed');
      const { name, installId, timeoutMs } = params;
      return { ...(await install({ agentId: agents.defaultId(), name, installId, timeoutMs, signal })) };
    },
    'skills.update': async (params) => {
      if ('source' in params) return refuseHub('nothing was changed');
      checkUpdate(params);
      await writeConfig((own) => settingEdits(own, params));
      skills.refresh();
      return { ok: true, skillKey: params.skillKey, config: shownSettings(config(), params.skillKey) };
    },
  };
}
