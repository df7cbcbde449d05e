// What agents know how to do: found, judged and told; cheap for every turn.
import path from 'node:path';
import type { OpenClawConfig } from '../config/index.js';
import type { Clock } from '../shared/clock.js';
import { shortLine } from '../shared/front-matter.js';
import type { Logger } from '../shared/logger.js';
import type { FolderFault } from '../shared/marked-folders.js';
import type { ToolScope } from '../tools/index.js';
import { BinFinder } from './find-bins.js';
import { SkillFinder, type SkillSnapshot } from './find-skills.js';
import { judgeSkill, type Skill, type SkillStatus } from './gate.js';
import { type SkillReach, skillsPrompt } from './prompt-text.js';
import { skillVariables } from './skill-env.js';

export type SkillScope = Pick<ToolScope, 'agentId' | 'sessionKey' | 'workspaceDir' | 'isMain'>;

export interface SkillsOptions {
  config: () => OpenClawConfig;
  paths: { home: string; stateDir: string };
  /** The product's own skills; absent for none. */
  bundledDir?: string;
  agentIds: () => readonly string[];
  /** Workspace folder of an agent. */
  workspaceDir: (agentId: string) => string;
  /** The gateway's own environment: what programs and variables are there. */
  env: () => Readonly<Record<string, string | undefined>>;
  platform: string;
  /** Which skills a conversation can read: those in a sandbox see their workspace at most. Default: all. */
  reachOf?: (scope: SkillScope) => SkillReach;
  clock: Pick<Clock, 'now'>;
  log: Logger;
}

export interface SkillsReport {
  workspaceDir: string;
  managedSkillsDir: string;
  /** In the order of their names. */
  skills: SkillStatus[];
  /** Folders that hold no usable skill, and why. */
  faults: FolderFault[];
}

export interface Skills {
  /** The part of the standing prompt that names the skills of a conversation; undefined without any. Bounded. */
  prompt(scope: SkillScope): Promise<string | undefined>;
  /** Variables for commands of an agent, from skills.entries of the skills it can use. Secrets: never log them. */
  envOf(agentId: string): Promise<Record<string, string>>;
  /** Every skill that was found, with the reasons against it (spec/gateway-protocol.md §7.5). */
  status(agentId: string): Promise<SkillsReport>;
  /** One skill by name; undefined when there is none. */
  find(agentId: string, name: string): Promise<Skill | undefined>;
  /** Programs that enabled skills use. Skills of workspaces do not count: agents write there, and this list allows. */
  bins(): Promise<string[]>;
  /** Looks again with the next question, also for programs. */
  refresh(): void;
}

/** A burst of turns need not look at the folders more often than this. */
const FRESH_MS = 1_000;
const PROMPT_DEFAULTS = { maxSkills: 150, maxChars: 4_000 } as const;

interface Looked {
  atMs: number;
  settings: OpenClawConfig['skills'];
  snapshot: Promise<SkillSnapshot>;
}

interface Told {
  snapshot: SkillSnapshot;
  config: OpenClawConfig;
  reach: SkillReach;
  text: string | undefined;
}

const binsOf = ({ skills }: SkillSnapshot): string[] =>
  skills.flatMap(({ requires }) => [...requires.bins, ...requires.anyBins]);

/** How much of the prompt skills may take: the agent's own limit, else the defaults', else skills.limits. */
function promptLimits(config: OpenClawConfig, agentId: string) {
  const own = config.agents?.list?.find(({ id }) => id?.trim().toLowerCase() === agentId)?.skillsLimits;
  const { limits } = config.skills ?? {};
  const chars = own?.maxSkillsPromptChars ?? config.agents?.defaults?.skillsLimits?.maxSkillsPromptChars;
  return {
    maxSkills: limits?.maxSkillsInPrompt ?? PROMPT_DEFAULTS.maxSkills,
    maxChars: chars ?? limits?.maxSkillsPromptChars ?? PROMPT_DEFAULTS.maxChars,
  };
}

class AllSkills implements Skills {
  readonly #finder: SkillFinder;
  readonly #bins: BinFinder;
  readonly #managedDir: string;
  /** By workspace folder. */
  readonly #looked = new Map<string, Looked>();
  /** By agent and workspace folder. */
  readonly #told = new Map<string, Told>();
  readonly #warned = new Set<string>();

  constructor(private readonly options: SkillsOptions) {
    const { paths, bundledDir, env, platform, clock } = options;
    this.#managedDir = path.join(paths.stateDir, 'skills');
    this.#finder = new SkillFinder({ home: paths.home, managedDir: this.#managedDir, bundledDir });
    this.#bins = new BinFinder({ env, platform, now: () => clock.now() });
  }

  async prompt(scope: SkillScope): Promise<string | undefined> {
    const { agentId, workspaceDir } = scope;
    const config = this.options.config();
    const reach = this.options.reachOf?.(scope) ?? 'all';
    const snapshot = await this.#look(config, workspaceDir);
    const areBinsNew = await this.#bins.look(binsOf(snapshot));
    const key = `${agentId}\n${workspaceDir}`;
    const told = this.#told.get(key);
    const isSame = told?.snapshot === snapshot && told.config === config && told.reach === reach;
    if (told && isSame && !areBinsNew) return told.text;
    const forModels = snapshot.skills.filter(({ isForModels }) => isForModels);
    const judged = this.#judge(forModels, config, agentId);
    const text = skillsPrompt(judged, { workspaceDir, reach }, promptLimits(config, agentId));
    this.#told.set(key, { snapshot, config, reach, text });
    return text;
  }

  async envOf(agentId: string): Promise<Record<string, string>> {
    const config = this.options.config();
    if (Object.keys(config.skills?.entries ?? {}).length === 0) return {};
    const { skills } = await this.#statusOf(agentId);
    const usable = skills.filter(({ eligible }) => eligible);
    // Last wins: the skill that comes first in precedence.
    return Object.assign({}, ...usable.reverse().map((skill) => skillVariables(config, skill))) as Record<
      string,
      string
    >;
  }

  async status(agentId: string): Promise<SkillsReport> {
    const { skills, faults } = await this.#statusOf(agentId);
    return {
      workspaceDir: this.options.workspaceDir(agentId),
      managedSkillsDir: this.#managedDir,
      skills: skills.sort((a, b) => (a.name < b.name ? -1 : 1)),
      faults: [...faults],
    };
  }

  async find(agentId: string, name: string): Promise<Skill | undefined> {
    const { skills } = await this.#look(this.options.config(), this.options.workspaceDir(agentId));
    return skills.find((skill) => skill.name === name);
  }

  async bins(): Promise<string[]> {
    const config = this.options.config();
    const names = new Set<string>();
    for (const agentId of this.options.agentIds()) {
      const snapshot = await this.#look(config, this.options.workspaceDir(agentId));
      const trusted = snapshot.skills.filter(({ source }) => source !== 'openclaw-workspace');
      const on = this.#judge(trusted, config, agentId).filter((skill) => !skill.disabled && !skill.blockedByAllowlist);
      for (const { requirements, install } of on) {
        const all = [requirements.bins, requirements.anyBins, ...install.map(({ bins }) => bins)];
        for (const name of all.flat()) names.add(name);
      }
    }
    return [...names].sort();
  }

  refresh(): void {
    this.#looked.clear();
    this.#told.clear();
    this.#bins.forget();
  }

  async #statusOf(agentId: string): Promise<{ skills: SkillStatus[]; faults: readonly FolderFault[] }> {
    const config = this.options.config();
    const snapshot = await this.#look(config, this.options.workspaceDir(agentId));
    await this.#bins.look(binsOf(snapshot));
    return { skills: this.#judge(snapshot.skills, config, agentId), faults: snapshot.faults };
  }

  #judge(skills: readonly Skill[], config: OpenClawConfig, agentId: string): SkillStatus[] {
    const { env, platform } = this.options;
    const variables = env();
    const facts = {
      ...{ config, agentId, platform },
      hasBin: (name: string) => this.#bins.has(name),
      hasVariable: (name: string) => Boolean(variables[name]),
    };
    return skills.map((skill) => judgeSkill(skill, facts));
  }

  async #look(config: OpenClawConfig, workspaceDir: string): Promise<SkillSnapshot> {
    const now = this.options.clock.now();
    const before = this.#looked.get(workspaceDir);
    const settings = config.skills;
    const isWatched = settings?.load?.watch !== false;
    const isFresh = before?.settings === settings && (!isWatched || now - (before?.atMs ?? 0) < FRESH_MS);
    if (before && isFresh) return before.snapshot;
    const snapshot = this.#lookAnew(config, workspaceDir, before);
    this.#looked.set(workspaceDir, { atMs: now, settings, snapshot });
    return snapshot;
  }

  /** The snapshot of before where nothing changed, so that nothing is judged again. */
  async #lookAnew(config: OpenClawConfig, workspaceDir: string, before: Looked | undefined): Promise<SkillSnapshot> {
    const fresh = await this.#finder.find(config, workspaceDir);
    for (const { dir, reason } of fresh.faults) this.#warn(dir, reason);
    const old = await before?.snapshot;
    return old && isSameSnapshot(old, fresh) ? old : fresh;
  }

  #warn(dir: string, reason: string): void {
    const line = `${dir}: ${reason}`;
    if (this.#warned.has(line) || this.#warned.size > 1_000) return;
    this.#warned.add(line);
    this.options.log.warn('A folder holds no usable skill.', { dir: shortLine(dir, 300), reason });
  }
}

function isSameSnapshot(a: SkillSnapshot, b: SkillSnapshot): boolean {
  if (a.skills.length !== b.skills.length || a.faults.length !== b.faults.length) return false;
  // The parsed parts of a file that did not change are the same objects.
  return a.skills.every((skill, index) => {
    const other = b.skills[index];
    return other?.filePath === skill.filePath && other.requires === skill.requires && other.source === skill.source;
  });
}

/**
 * The skills of all agents: workspace, managed, bundled, then skills.load.extraDirs (spec/gateway-protocol.md §7.5).
 * Looking never throws: a folder that cannot be read is a fault in the report and a line in the log.
 */
export function createSkills(options: SkillsOptions): Skills {
  return new AllSkills(options);
}
