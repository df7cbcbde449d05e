// The wire of skills (spec/gateway-protocol.md §7.5) of a gateway that brings none along.
import path from 'node:path';
import type { WholeWireMethods } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';
import type { WireHandlers } from '../shared/wire.js';

export interface SkillsMethodsOptions {
  stateDir: string;
  agents: { ids(): readonly string[]; defaultId(): string };
  workspaceDir: (agentId: string) => string;
}

export type SkillsMethodName = Extract<keyof WholeWireMethods, `skills.${string}`>;

function refuse(what: string): never {
  throw new AppError('feature.unavailable', {
    message: `This version of the gateway has no skills, so ${what}.`,
    hint: 'Write what an agent should know into AGENTS.md of its workspace until a version with skills is here.',
  });
}

/** The handlers of `skills.*`. Refusals are AppError request.invalid and feature.unavailable. */
export function createSkillsMethods(options: SkillsMethodsOptions): WireHandlers<SkillsMethodName> {
  const { agents, workspaceDir, stateDir } = options;
  return {
    'skills.status': ({ agentId }) => {
      const id = agentId?.trim().toLowerCase() ?? agents.defaultId();
      if (!agents.ids().includes(id)) {
        throw new AppError('request.invalid', { message: `unknown agent id "${agentId}"` });
      }
      return { workspaceDir: workspaceDir(id), managedSkillsDir: path.join(stateDir, 'skills'), skills: [] };
    },
    'skills.bins': () => ({ bins: [] }),
    'skills.install': () => refuse('nothing was installed'),
    'skills.update': () => refuse('nothing was changed'),
  };
}
