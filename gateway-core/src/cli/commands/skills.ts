// `openclaw skills list|info|check`: read from the folders and the config; asks no gateway.
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { LoadedConfig } from '../../config/index.js';
import { shortLine } from '../../shared/front-matter.js';
import { silentLogger } from '../../shared/logger.js';
import { createSkills, type SkillsReport, type SkillStatus } from '../../skills/index.js';
import { requireValidConfig } from '../config-gate.js';
import { agentFacts } from '../config-models.js';
import type { CommandContext } from '../context.js';
import { boxedTable } from '../text-format.js';

export interface SkillsOptions {
  json?: boolean;
  /** Only those that are ready. */
  eligible?: boolean;
  verbose?: boolean;
  agent?: string;
}

const DESCRIPTION_CHARS = 56;
const WIDE = 160;

async function readReport(context: CommandContext, { config, env }: LoadedConfig, agent: string | undefined) {
  const { paths, host } = context;
  const agents = agentFacts(config, paths);
  const [first] = agents;
  const agentId = agent?.trim().toLowerCase() ?? first?.id ?? 'main';
  if (!agents.some(({ id }) => id === agentId)) return undefined;
  const bundledDir = host.distDir && path.join(host.distDir, 'skills');
  const skills = createSkills({
    config: () => config,
    paths,
    bundledDir: bundledDir && existsSync(bundledDir) ? bundledDir : undefined,
    agentIds: () => agents.map(({ id }) => id),
    workspaceDir: (id) => agents.find((facts) => facts.id === id)?.workspace ?? paths.defaultWorkspaceDir,
    env: () => env,
    platform: host.platform,
    clock: { now: () => host.now() },
    log: silentLogger,
  });
  return skills.status(agentId);
}

/** The report for the options, or undefined after saying on stderr why there is none. */
async function reportFor(context: CommandContext, options: SkillsOptions): Promise<SkillsReport | undefined> {
  const loaded = await requireValidConfig(context);
  if (!loaded) return undefined;
  const report = await readReport(context, loaded, options.agent);
  if (!report) context.err(`Error: There is no agent "${options.agent}". Run \`openclaw agents list\`.`);
  return report;
}

function stateOf({ eligible, disabled, blockedByAllowlist, blockedByAgentFilter }: SkillStatus): string {
  if (eligible) return '✓ ready';
  if (disabled) return '⏸ disabled';
  return blockedByAllowlist || blockedByAgentFilter ? '✗ blocked' : '✗ missing';
}

const titleOf = ({ name, emoji }: SkillStatus): string => (emoji ? `${emoji} ${name}` : name);

/** The text form, line by line. */
export function skillLines({ skills, faults }: SkillsReport, { eligible, verbose }: SkillsOptions): string[] {
  const ready = skills.filter((skill) => skill.eligible);
  const rows = (eligible ? ready : skills).map((skill) => [
    stateOf(skill),
    titleOf(skill),
    shortLine(skill.description, DESCRIPTION_CHARS),
    skill.source,
    ...(verbose ? [skill.reasons.join(' ')] : []),
  ]);
  const header = ['Status', 'Skill', 'Description', 'Source', ...(verbose ? ['Missing'] : [])];
  return [`Skills (${ready.length}/${skills.length} ready)`, ...boxedTable(header, rows, WIDE), ...faultLines(faults)];
}

function faultLines(faults: SkillsReport['faults']): string[] {
  if (faults.length === 0) return [];
  return ['', 'Not read:', ...faults.map(({ dir, reason }) => `  ${shortLine(dir, 200)}: ${shortLine(reason, 200)}`)];
}

export async function runList(context: CommandContext, options: SkillsOptions): Promise<number> {
  const report = await reportFor(context, options);
  if (!report) return 1;
  const skills = report.skills.filter((skill) => !options.eligible || skill.eligible);
  if (options.json) context.json({ ...report, skills });
  else for (const line of skillLines(report, options)) context.out(line);
  return 0;
}

function needLines({ requirements, missing }: SkillStatus): string[] {
  const kinds = [
    ['bins', 'Programs'],
    ['anyBins', 'One of'],
    ['env', 'Environment'],
    ['config', 'Config'],
    ['os', 'System'],
  ] as const;
  return kinds
    .filter(([kind]) => requirements[kind].length > 0)
    .map(([kind, title]) => {
      const absent = new Set(missing[kind]);
      const shown = requirements[kind].map((name) => `${absent.has(name) ? '✗' : '✓'} ${name}`);
      return `  ${title}: ${shown.join(', ')}`;
    });
}

/** Everything about one skill, line by line. */
export function skillInfoLines(skill: SkillStatus): string[] {
  const { description, source, filePath, homepage, primaryEnv, reasons, install, skillKey } = skill;
  const needs = needLines(skill);
  return [
    `${titleOf(skill)}  ${stateOf(skill)}`,
    '',
    description,
    '',
    `  Source: ${source}`,
    `  Path: ${filePath}`,
    ...(homepage === undefined ? [] : [`  Homepage: ${homepage}`]),
    ...(primaryEnv === undefined ? [] : [`  Key: skills.entries.${skillKey}.apiKey, as ${primaryEnv}`]),
    ...(needs.length === 0 ? [] : ['', 'Needs:', ...needs]),
    ...(reasons.length === 0 ? [] : ['', 'In the way:', ...reasons.map((reason) => `  ${reason}`)]),
    ...(install.length === 0 ? [] : ['', 'Install:', ...install.map(({ id, label }) => `  ${id}: ${label}`)]),
  ];
}

export async function runInfo(context: CommandContext, options: SkillsOptions, [name]: string[]): Promise<number> {
  const report = await reportFor(context, options);
  if (!report) return 1;
  const skill = report.skills.find((candidate) => candidate.name === name || candidate.skillKey === name);
  if (!skill) {
    context.err(`Error: There is no skill "${name}". Run \`openclaw skills list\` to see the skills.`);
    return 1;
  }
  if (options.json) context.json(skill);
  else for (const line of skillInfoLines(skill)) context.out(line);
  return 0;
}

function sorted({ skills }: SkillsReport) {
  const isBlocked = (skill: SkillStatus) => skill.blockedByAllowlist || skill.blockedByAgentFilter;
  return {
    eligible: skills.filter((skill) => skill.eligible),
    disabled: skills.filter((skill) => skill.disabled),
    blocked: skills.filter((skill) => !skill.disabled && isBlocked(skill)),
    missing: skills.filter((skill) => !skill.eligible && !skill.disabled && !isBlocked(skill)),
  };
}

export async function runCheck(context: CommandContext, options: SkillsOptions): Promise<number> {
  const report = await reportFor(context, options);
  if (!report) return 1;
  const { eligible, disabled, blocked, missing } = sorted(report);
  const names = (skills: readonly SkillStatus[]) => skills.map(({ name }) => name);
  const summary = {
    total: report.skills.length,
    eligible: eligible.length,
    disabled: disabled.length,
    blocked: blocked.length,
    missingRequirements: missing.length,
  };
  if (options.json) {
    const needing = missing.map(({ name, missing: what, install }) => ({ name, missing: what, install }));
    const groups = { eligible: names(eligible), disabled: names(disabled), blocked: names(blocked) };
    context.json({ summary, ...groups, missingRequirements: needing, faults: report.faults });
    return 0;
  }
  const lines = [
    'Skills Status Check',
    '',
    `Total: ${summary.total}`,
    `✓ Eligible: ${summary.eligible}`,
    `⏸ Disabled: ${summary.disabled}`,
    `✗ Blocked: ${summary.blocked}`,
    `✗ Missing requirements: ${summary.missingRequirements}`,
    ...(eligible.length === 0 ? [] : ['', 'Ready to use:', ...eligible.map((skill) => `  ${titleOf(skill)}`)]),
    ...(missing.length === 0 ? [] : ['', 'Missing requirements:']),
    ...missing.map((skill) => `  ${titleOf(skill)}: ${skill.reasons.join(' ')}`),
    ...faultLines(report.faults),
  ];
  for (const line of lines) context.out(line);
  return 0;
}
