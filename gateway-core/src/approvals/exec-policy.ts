// Pure: which rules hold for a command: the config's, then whatever is stricter of the call and of exec-approvals.json.
import type { OpenClawConfig } from '../config/index.js';
import { type ApprovalsFile, EXEC_ASK, EXEC_SECURITY, type ExecAsk, type ExecSecurity } from '../protocol/index.js';

export interface AllowEntry {
  /** Of which agent's list in the file. */
  owner: string;
  id?: string;
  pattern: string;
  lastUsedAt?: number;
}

export interface ExecPolicy {
  security: ExecSecurity;
  ask: ExecAsk;
  /** The call asks to be asked about; the rules alone would not for everything. */
  isOwnWish: boolean;
  /** What counts instead of an answer when nobody answers. */
  askFallback: ExecSecurity;
  autoAllowSkills: boolean;
  allowlist: readonly AllowEntry[];
}

/** What the one who calls asks for; it can only make rules stricter. */
export interface AskedPolicy {
  security?: string;
  ask?: string;
}

type FileAgent = NonNullable<ApprovalsFile['agents']>[string];
type Rules = Pick<FileAgent, 'security' | 'ask' | 'askFallback' | 'autoAllowSkills'>;

/** On the gateway's own computer commands run unless the owner says otherwise; the sandbox has its own walls. */
export const DEFAULT_SECURITY: ExecSecurity = 'full';
export const DEFAULT_ASK: ExecAsk = 'off';

/** A word that is not known counts as the strictest one: a typing mistake must not open anything. */
function rank<T extends string>(scale: readonly T[], word: string): number {
  return Math.max(0, (scale as readonly string[]).indexOf(word));
}

function strictest<T extends string>(scale: readonly T[], words: ReadonlyArray<string | undefined>): T | undefined {
  const ranks = words.filter((word) => word !== undefined).map((word) => rank(scale, word));
  return ranks.length === 0 ? undefined : scale[Math.min(...ranks)];
}

/** Entries of the agent, of everybody (`*`), and for `main` those of the name it had before (`default`). */
function listsOf(file: ApprovalsFile, agentId: string): ReadonlyArray<readonly [string, FileAgent]> {
  const owners = [agentId, ...(agentId === 'main' ? ['default'] : []), '*'];
  return owners.flatMap((owner) => {
    const agent = Object.hasOwn(file.agents ?? {}, owner) ? file.agents?.[owner] : undefined;
    return agent ? [[owner, agent] as const] : [];
  });
}

function fileRules(file: ApprovalsFile, agents: readonly FileAgent[]): Rules {
  const layers: readonly Rules[] = [...agents, file.defaults ?? {}];
  const nearest = <K extends keyof Rules>(key: K) => layers.find((layer) => layer[key] !== undefined)?.[key];
  return {
    security: nearest('security'),
    ask: nearest('ask'),
    askFallback: nearest('askFallback'),
    autoAllowSkills: nearest('autoAllowSkills'),
  };
}

export type ExecConfig = NonNullable<NonNullable<OpenClawConfig['tools']>['exec']>;

/** tools.exec of the config, with what an agent sets for itself over it. */
export function execConfigOf(config: OpenClawConfig, agentId: string): ExecConfig {
  const own = config.agents?.list?.find(({ id }) => id === agentId)?.tools?.exec;
  return { ...config.tools?.exec, ...own };
}

/** The rules for one command of one agent. */
export function resolveExecPolicy(
  config: ExecConfig,
  file: ApprovalsFile,
  asked: AskedPolicy & { agentId: string },
): ExecPolicy {
  const lists = listsOf(file, asked.agentId);
  const local = fileRules(
    file,
    lists.map(([, agent]) => agent),
  );
  const security = [config.security ?? DEFAULT_SECURITY, asked.security, local.security];
  const ruled = [config.ask ?? DEFAULT_ASK, local.ask];
  const ask = strictest(EXEC_ASK, [...ruled, asked.ask]) ?? 'always';
  const allowlist = lists.flatMap(([owner, agent]) =>
    (agent.allowlist ?? [])
      // An entry for certain arguments only is not understood here, so it allows nothing.
      .filter(({ argPattern }) => argPattern === undefined)
      .map(({ id, pattern, lastUsedAt }) => ({ owner, id, pattern, lastUsedAt })),
  );
  return {
    security: strictest(EXEC_SECURITY, security) ?? 'deny',
    ask,
    isOwnWish: ask === 'always' && strictest(EXEC_ASK, ruled) !== 'always',
    askFallback: strictest(EXEC_SECURITY, [local.askFallback ?? 'deny']) ?? 'deny',
    autoAllowSkills: local.autoAllowSkills ?? false,
    allowlist,
  };
}
