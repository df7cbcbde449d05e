// Pure: a question of an agent in words – why it is asked, where it would run, who answered.
import type { AgentEntry, ApprovalReason, ApprovalRequest } from '../../../../gateway-core/src/protocol/index.js';
import { type Approval, isOpen } from '../../data/approvals.js';
import { agentOfKey } from '../../data/session-key.js';
import { t, tCount, tMaybe } from '../../i18n/t.js';
import type { ToolStep } from '../chat/rows.js';
import { agentName } from '../chat/sessions/session-groups.js';
import { type AskedPermission, askedPermission } from '../chat/tools/tool-details.js';

/** The question that a call waits for: by its id once the call has answered, before that by its command. */
export function approvalOfTool(all: readonly Approval[], tool: ToolStep, sessionKey: string): Approval | undefined {
  const asked = askedPermission(tool);
  if (asked) return all.find((approval) => approval.id === asked.id);
  if (tool.state !== 'running' || tool.name !== 'exec') return undefined;
  return all.find(
    ({ request, ...approval }) =>
      isOpen({ request, ...approval }) && request.sessionKey === sessionKey && request.command === tool.args?.command,
  );
}

/** The question as far as a stored message tells it. */
export function recalledRequest(asked: AskedPermission, sessionKey: string): ApprovalRequest {
  return {
    command: asked.command,
    systemRunBinding: null,
    systemRunPlan: null,
    cwd: asked.cwd ?? null,
    nodeId: asked.nodeId ?? null,
    host: asked.host ?? null,
    security: null,
    ask: null,
    agentId: agentOfKey(sessionKey),
    resolvedPath: null,
    sessionKey,
    turnSourceChannel: null,
    turnSourceTo: null,
    turnSourceAccountId: null,
    turnSourceThreadId: null,
  };
}

/** Name of the agent that asks. */
export function askingAgent(agents: readonly AgentEntry[], { agentId, sessionKey }: ApprovalRequest): string {
  return agentName(agents, agentId ?? agentOfKey(sessionKey ?? ''));
}

/** Why a person is asked. A gateway without reasons leaves it to the rules that held. */
export function whyWords({ ask, security, reason }: ApprovalRequest): string {
  if (reason) return reasonWords(reason);
  if (ask === 'always') return t('approval.why.always');
  if (security === 'allowlist') return t('approval.why.notListed');
  return t('approval.why.rules');
}

const ABOUT_NOTHING: readonly string[] = ['every-command', 'own-wish', 'inline-code', 'on-node'];

function reasonWords({ code, text, about = [] }: ApprovalReason): string {
  const names = about.map(visibleText).join(', ');
  if (code === 'not-listed' && names) return tCount('approval.why.not-listed', about.length, { names });
  const words = names || ABOUT_NOTHING.includes(code) ? tMaybe(`approval.why.${code}`, { names }) : undefined;
  return words ?? text;
}

/** False where "always" would change nothing: a rule asks again anyway. */
export function canAlways({ reason }: ApprovalRequest): boolean {
  return reason === undefined || reason.listable.length > 0;
}

/** What "always" would do; undefined where it is not offered. */
export function alwaysWords(request: ApprovalRequest): string | undefined {
  const { reason } = request;
  if (!reason) return t('approval.alwaysMeans');
  const names = reason.listable.map(visibleText).join(', ');
  return names ? t('approval.alwaysLists', { names }) : undefined;
}

const UNSEEN = /(?![\t\n])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

/** A text as it really is: what cannot be seen, or turns the reading direction, is written out. */
export function visibleText(text: string): string {
  return text.replace(
    UNSEEN,
    (char) => `\u27E8U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}\u27E9`,
  );
}

/** Where the command would run. */
export function hostWords({ host, nodeId }: ApprovalRequest): string {
  if (host === 'node') return t('approval.host.node', { node: nodeId ?? '' });
  return host === 'sandbox' ? t('approval.host.sandbox') : t('approval.host.gateway');
}

/** How it ended, with who answered when it was somewhere else. */
export function outcomeOf({ state, decision, resolvedBy }: Approval): string {
  if (state !== 'decided' || decision === undefined) return t('approval.ended');
  const word = t(`approval.outcome.${decision}`);
  if (resolvedBy === undefined) return word;
  return t('approval.outcomeBy', { outcome: word, who: tMaybe(`devices.client.${resolvedBy}`) ?? resolvedBy });
}
