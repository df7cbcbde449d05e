// The gate that every command on the gateway's computer or on a node passes: rules, and a person where they say so.
import { randomUUID } from 'node:crypto';
import type { OpenClawConfig } from '../config/index.js';
import type { ApprovalsFile } from '../protocol/index.js';
import type { Clock } from '../shared/clock.js';
import { inBackground, type Logger } from '../shared/logger.js';
import type { WireBroadcast } from '../shared/wire.js';
import { approvalReason } from './approval-reason.js';
import { type ApprovalParams, buildApprovalRequest } from './approval-request.js';
import type { ApprovalsFileStore } from './approvals-file.js';
import { decideExec, decideUnanswered, type ExecDecision, type ExecFacts, programNames } from './decide-exec.js';
import { type ExecConfig, execConfigOf, type ExecPolicy, resolveExecPolicy } from './exec-policy.js';
import { findExecutables } from './find-executables.js';
import type { Approval, PendingApprovals } from './pending-approvals.js';
import { dueUses, type Occasion, withListed, withUsed } from './remember.js';
import { safeBinProfiles, SYSTEM_BIN_DIRS } from './safe-bins.js';

export interface ExecGateOptions {
  config: () => OpenClawConfig;
  /** The one store of the file in this process; `exec.approvals.*` must use it too. */
  file: ApprovalsFileStore;
  pending: PendingApprovals;
  broadcast: WireBroadcast<'exec.approval.requested' | 'exec.approval.resolved'>;
  /** Programs of skills, for agents with autoAllowSkills. */
  skillBins?: () => Promise<readonly string[]>;
  /** Stands for `~` in patterns. */
  home: string;
  platform: NodeJS.Platform;
  clock: Clock;
  log: Logger;
}

export interface ExecQuestion {
  agentId: string;
  sessionKey: string;
  command: string;
  /** Folder and search path the command will have. */
  cwd: string;
  searchPath: string;
  /** Variables the caller adds. */
  env: Readonly<Record<string, string>>;
  host: 'gateway' | 'node';
  nodeId?: string;
  /** What the node will run, as it prepared it. */
  plan?: ApprovalParams['systemRunPlan'];
  /** Rules the caller asks for; they count where they are stricter. */
  security?: string;
  ask?: string;
  /** Where the run came from, for the one who decides. */
  channel?: string;
  senderId?: string;
}

export type ExecAnswer =
  | { verdict: 'allow'; reason: string }
  | { verdict: 'deny'; reason: string }
  | {
      verdict: 'ask';
      reason: string;
      id: string;
      expiresAtMs: number;
      /** Never rejects. */
      decided: Promise<{ isAllowed: boolean; reason: string }>;
    };

export interface ExecGate {
  check(question: ExecQuestion): Promise<ExecAnswer>;
}

interface Case {
  question: ExecQuestion;
  policy: ExecPolicy;
  decision: ExecDecision;
}

const WAIT_MS = 120_000;

async function gatherFacts(
  options: ExecGateOptions,
  { question, policy }: Pick<Case, 'question' | 'policy'>,
  exec: ExecConfig,
): Promise<ExecFacts> {
  const { command, cwd, searchPath, env, host } = question;
  // What a name means on a node is not ours to know, so nothing there counts as listed here.
  const names = host === 'gateway' ? programNames(command) : [];
  return {
    command,
    security: policy.security,
    ask: policy.ask,
    isOwnWish: policy.isOwnWish,
    strictInlineEval: exec.strictInlineEval ?? false,
    allowlist: policy.allowlist,
    safeBins: safeBinProfiles(exec.safeBins, exec.safeBinProfiles as Record<string, unknown> | undefined),
    trustedDirs: [...SYSTEM_BIN_DIRS, ...(exec.safeBinTrustedDirs ?? [])],
    skillBins: new Set(policy.autoAllowSkills ? await options.skillBins?.() : []),
    envNames: Object.keys(env),
    executables: await findExecutables(names, { cwd, searchPath }),
    home: options.home,
    platform: options.platform,
  };
}

function requestParams({ question, policy }: Case): ApprovalParams {
  const { command, cwd, env, host, nodeId, plan, agentId, sessionKey, channel, senderId } = question;
  return {
    command,
    cwd,
    env: { ...env },
    host,
    ...(host === 'node' && { nodeId, systemRunPlan: plan }),
    security: policy.security,
    ask: policy.ask,
    agentId,
    sessionKey,
    turnSourceChannel: channel,
    turnSourceTo: senderId,
  };
}

class Gate implements ExecGate {
  readonly #options: ExecGateOptions;

  constructor(options: ExecGateOptions) {
    this.#options = options;
  }

  async check(question: ExecQuestion): Promise<ExecAnswer> {
    const { config, file } = this.#options;
    const exec = execConfigOf(config(), question.agentId);
    const policy = resolveExecPolicy(exec, (await file.read()).file, question);
    const decision = decideExec(await gatherFacts(this.#options, { question, policy }, exec));
    const one: Case = { question, policy, decision };
    if (decision.verdict === 'ask') return this.#ask(one);
    if (decision.verdict === 'deny') return { verdict: 'deny', reason: decision.reason };
    this.#noteUse(one);
    return { verdict: 'allow', reason: decision.reason };
  }

  #ask(one: Case): ExecAnswer {
    const { pending, broadcast } = this.#options;
    const reason = approvalReason(one.decision, one.question.host);
    const request = { ...buildApprovalRequest(requestParams(one)), ...(reason && { reason }) };
    const approval = pending.open(randomUUID(), request, WAIT_MS);
    if (!approval) throw new Error('a fresh approval id is known already');
    const { id, createdAtMs, expiresAtMs } = approval;
    broadcast('exec.approval.requested', { id, request, createdAtMs, expiresAtMs });
    return { verdict: 'ask', reason: one.decision.reason, id, expiresAtMs, decided: this.#await(one, approval) };
  }

  async #await(one: Case, approval: Approval): Promise<{ isAllowed: boolean; reason: string }> {
    const decision = await approval.decided;
    if (decision === 'deny') return { isAllowed: false, reason: 'A person refused it.' };
    if (decision === 'allow-once') return { isAllowed: true, reason: 'A person allowed it once.' };
    if (decision === 'allow-always') {
      this.#list(one);
      return { isAllowed: true, reason: 'A person allowed it for good.' };
    }
    // Undefined: the gateway stops. Nobody's silence counts as a yes then.
    const ranOut = approval.decision === null;
    const isAllowed = ranOut && decideUnanswered(one.policy.askFallback, one.decision);
    const reason = ranOut ? 'Nobody answered in time.' : 'The gateway stops.';
    return { isAllowed, reason: isAllowed ? `${reason} The rules allow it then.` : reason };
  }

  #list(one: Case): void {
    const { listable, cause } = one.decision;
    // Where a rule or a wish asks for everything the person was told that nothing is listed.
    if (listable.length === 0 || cause?.code !== 'not-listed' || one.question.host === 'node') return;
    this.#change(one, (file, occasion) => withListed(file, listable, occasion));
  }

  #noteUse(one: Case): void {
    const used = dueUses(one.decision.used, this.#options.clock.now());
    if (used.length > 0) this.#change(one, (file, occasion) => withUsed(file, used, occasion));
  }

  #change({ question }: Case, change: (file: ApprovalsFile, occasion: Occasion) => ApprovalsFile | undefined): void {
    const { file, clock, log } = this.#options;
    const occasion = { agentId: question.agentId, command: question.command, nowMs: clock.now() };
    inBackground(
      file.change((current) => change(current, occasion)),
      log,
      'The list of allowed commands could not be changed.',
    );
  }
}

/**
 * Builds the gate. `check` throws AppError state.unreadable when exec-approvals.json cannot be read: nothing runs then.
 * A question of it is answered by `exec.approval.resolve` alone (spec/gateway-protocol.md §7.10).
 */
export function createExecGate(options: ExecGateOptions): ExecGate {
  return new Gate(options);
}
