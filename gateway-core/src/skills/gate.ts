// Pure: whether an agent can use a skill here, and every reason why not.
import type { OpenClawConfig } from '../config/index.js';
import type { InstallOption, SkillFile, SkillRequirements } from './skill-file.js';

export const SKILL_SOURCES = ['openclaw-workspace', 'openclaw-managed', 'openclaw-bundled', 'openclaw-extra'] as const;
export type SkillSource = (typeof SKILL_SOURCES)[number];

/** A skill that was found. */
export interface Skill extends SkillFile {
  source: SkillSource;
  /** Absolute paths. */
  filePath: string;
  baseDir: string;
}

/** A skill as `skills.status` shows it (spec/gateway-protocol.md §7.5). */
export interface SkillStatus {
  name: string;
  description: string;
  source: SkillSource;
  bundled: boolean;
  filePath: string;
  baseDir: string;
  skillKey: string;
  emoji?: string;
  homepage?: string;
  primaryEnv?: string;
  always: boolean;
  disabled: boolean;
  blockedByAllowlist: boolean;
  /** The agent's own list of skills does not have it. */
  blockedByAgentFilter: boolean;
  /** Nothing stands in its way. */
  eligible: boolean;
  /** One sentence each; empty when eligible. */
  reasons: string[];
  requirements: SkillRequirements;
  missing: SkillRequirements;
  configChecks: Array<{ path: string; satisfied: boolean }>;
  install: Array<Pick<InstallOption, 'id' | 'kind' | 'label' | 'bins'>>;
}

export interface GateFacts {
  config: OpenClawConfig;
  agentId: string;
  platform: string;
  hasBin: (name: string) => boolean;
  /** Variables of the gateway's own environment. */
  hasVariable: (name: string) => boolean;
}

type Entry = NonNullable<NonNullable<OpenClawConfig['skills']>['entries']>[string];

/** Settings that are on unless they are switched off. */
const ON_BY_DEFAULT = new Set(['browser.enabled', 'browser.evaluateEnabled']);

/** The settings of a skill; own properties only. */
export function entryOf(config: OpenClawConfig, skillKey: string): Entry | undefined {
  const entries = config.skills?.entries ?? {};
  return Object.hasOwn(entries, skillKey) ? entries[skillKey] : undefined;
}

/** The skills an agent may use; undefined for all. */
export function agentFilter(config: OpenClawConfig, agentId: string): readonly string[] | undefined {
  const own = config.agents?.list?.find(({ id }) => id?.trim().toLowerCase() === agentId)?.skills;
  return own ?? config.agents?.defaults?.skills;
}

function isOn(config: OpenClawConfig, path: string): boolean {
  let value: unknown = config;
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return ON_BY_DEFAULT.has(path);
    value = (value as Record<string, unknown>)[step];
  }
  return Boolean(value);
}

function hasVariable(skill: Skill, entry: Entry | undefined, facts: GateFacts, name: string): boolean {
  if (facts.hasVariable(name) || Boolean(entry?.env?.[name])) return true;
  return name === skill.primaryEnv && Boolean(entry?.apiKey);
}

function missingOf(skill: Skill, entry: Entry | undefined, facts: GateFacts): SkillRequirements {
  const { bins, anyBins, env, config, os } = skill.requires;
  const hasSystem = os.length === 0 || os.includes(facts.platform);
  const missing: SkillRequirements = { bins: [], anyBins: [], env: [], config: [], os: hasSystem ? [] : os };
  if (skill.always) return missing;
  return {
    ...missing,
    bins: bins.filter((name) => !facts.hasBin(name)),
    anyBins: anyBins.some((name) => facts.hasBin(name)) ? [] : anyBins,
    env: env.filter((name) => !hasVariable(skill, entry, facts, name)),
    config: config.filter((path) => !isOn(facts.config, path)),
  };
}

const named = (what: string, names: readonly string[]): string[] =>
  names.length === 0 ? [] : [`${what} ${names.join(', ')}`];

function missingReasons({ bins, anyBins, env, config, os }: SkillRequirements): string[] {
  return [
    ...named('It only runs on', os),
    ...named('Not installed:', bins),
    ...named('None of these is installed:', anyBins),
    ...named('Not set in the environment:', env),
    ...named('Not on in the config:', config),
  ].map((sentence) => `${sentence}.`);
}

/** Judges a skill for one agent. */
export function judgeSkill(skill: Skill, facts: GateFacts): SkillStatus {
  const { config, agentId, platform } = facts;
  const entry = entryOf(config, skill.skillKey);
  const bundled = skill.source === 'openclaw-bundled';
  const disabled = entry?.enabled === false;
  const allowed = config.skills?.allowBundled;
  const names = [skill.skillKey, skill.name];
  // Agents write in workspaces: a name that is listed there must not come with the settings of another skill.
  const isNamed = (list: readonly string[]) =>
    skill.source === 'openclaw-workspace'
      ? names.every((name) => list.includes(name))
      : names.some((name) => list.includes(name));
  const blockedByAllowlist = bundled && allowed !== undefined && !isNamed(allowed);
  const filter = agentFilter(config, agentId);
  const blockedByAgentFilter = filter !== undefined && !isNamed(filter);
  const missing = missingOf(skill, entry, facts);
  const reasons = [
    ...(disabled ? [`It is off: skills.entries.${skill.skillKey}.enabled.`] : []),
    ...(blockedByAllowlist ? ['skills.allowBundled does not name it.'] : []),
    ...(blockedByAgentFilter ? [`The skills of the agent "${agentId}" do not name it.`] : []),
    ...missingReasons(missing),
  ];
  const { name, description, source, filePath, baseDir, skillKey, emoji, homepage, primaryEnv, always } = skill;
  return {
    ...{ name, description, source, bundled, filePath, baseDir, skillKey },
    ...(emoji !== undefined && { emoji }),
    ...(homepage !== undefined && { homepage }),
    ...(primaryEnv !== undefined && { primaryEnv }),
    ...{ always, disabled, blockedByAllowlist, blockedByAgentFilter, eligible: reasons.length === 0, reasons },
    requirements: skill.requires,
    missing,
    configChecks: skill.requires.config.map((path) => ({ path, satisfied: isOn(config, path) })),
    install: skill.install
      .filter(({ os }) => os.length === 0 || os.includes(platform))
      .map(({ id, kind, label, bins }) => ({ id, kind, label, bins })),
  };
}
