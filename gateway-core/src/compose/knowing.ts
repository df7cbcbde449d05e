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
  type FetchChunks,
  type Skills,
} from '../skills/index.js';
import { guardedChunks, readWebPolicy, STRICT_POLICY } from '../web/index.js';
import type { Base } from './base.js';
import type { Tooling } from './tooling.js';

/** Hosts of downloads send on to where the file is. */
const MAX_REDIRECTS = 5;

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

/** Downloads for skills: public https addresses only, judged on every hop by the rules of the web room. */
export function openForSkills(config: Base['config']): FetchChunks {
  return (address, options) => {
    // Private networks stay closed even where the owner opened them for pages: here a file of somebody else's runs.
    const { hostnameAllowlist } = readWebPolicy(config().tools?.web?.fetch?.ssrfPolicy);
    return guardedChunks(address, {
      ...options,
      policy: { ...STRICT_POLICY, hostnameAllowlist },
      isSecureOnly: true,
      maxRedirects: MAX_REDIRECTS,
    });
  };
}

function skillMethods(base: Base, skills: Skills, agents: Agents) {
  const { config, env, paths, clock, owner, hub, stops } = base;
  const ending = new AbortController();
  stops.push(() => ending.abort(new Error('the gateway is stopping')));
  const install = createSkillInstaller({
    ...{ config, stateDir: paths.stateDir, skills, platform: process.platform },
    run: createInstallRunner({ env: () => env, signal: ending.signal, clock }),
    fetchChunks: openForSkills(config),
    ...{ env: () => env, clock, signal: ending.signal, log: hub.logger('skills') },
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
  const flush = createMemoryFlush({
    ...{ config, clock, log: hub.logger('memory') },
    // What a sandbox without the workspace writes is not there for the next conversation.
    isWritable: (scope) => Promise.resolve(tooling.reachOf(scope) !== 'none'),
  });
  return { skills, hooks, flush, methods: skillMethods(base, skills, agents) };
}
