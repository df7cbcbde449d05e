// What agents know beyond their tools: skills, hooks on what happens, and memory before a conversation is shortened.
import { agentWorkspaceDir } from '../agents/index.js';
import type { OpenClawConfig } from '../config/index.js';
import { createLifecycleHooks, type LifecycleHooks } from '../lifecycle-hooks/index.js';
import { createMemoryFlush } from '../memory/index.js';
import {
  createInstallRunner,
  createSkillInstaller,
  createSkills,
  createSkillsMethods,
  type Skills,
} from '../skills/index.js';
import type { Base } from './base.js';
import type { Tooling } from './tooling.js';

interface Agents {
  ids(): readonly string[];
  defaultId(): string;
}

export interface Knowing {
  skills: Skills;
  hooks: LifecycleHooks;
  flush: ReturnType<typeof createMemoryFlush>;
  methods: ReturnType<typeof createSkillsMethods>;
}

function skillMethods(base: Base, skills: Skills, agents: Agents) {
  const { config, env, paths, clock, owner, stops } = base;
  const ending = new AbortController();
  stops.push(() => ending.abort(new Error('the gateway is stopping')));
  const install = createSkillInstaller({
    ...{ config, stateDir: paths.stateDir, skills, platform: process.platform },
    run: createInstallRunner({ env: () => env, signal: ending.signal, clock }),
  });
  return createSkillsMethods({
    ...{ agents, skills, install },
    // The owner knows a write as soon as it is done; the config of the rooms follows a moment later.
    config: () => owner.current().config,
    writeConfig: async (plan) => {
      const change = (file: { included: unknown }) => ({ edits: plan((file.included ?? {}) as OpenClawConfig) });
      await owner.write({ source: 'skills', change });
    },
  });
}

/** Builds these rooms. What must be undone is pushed on `base.stops`. */
export function buildKnowing(base: Base, { tooling, agents }: { tooling: Tooling; agents: Agents }): Knowing {
  const { config, env, paths, clock, hub, stops, options } = base;
  const workspaceDir = (agentId: string) => agentWorkspaceDir(config(), paths, agentId);
  const common = { config, paths, workspaceDir, env: () => env, platform: process.platform, clock };
  const skills = createSkills({
    ...common,
    bundledDir: options.skillsDir,
    agentIds: agents.ids,
    reachOf: (scope) => tooling.reachOf(scope),
    log: hub.logger('skills'),
  });
  tooling.late.skills = skills;
  const hooks = createLifecycleHooks({ ...common, defaultAgentId: agents.defaultId, log: hub.logger('hooks') });
  stops.push(() => hooks.stop());
  const flush = createMemoryFlush({ config, clock, log: hub.logger('memory') });
  return { skills, hooks, flush, methods: skillMethods(base, skills, agents) };
}
