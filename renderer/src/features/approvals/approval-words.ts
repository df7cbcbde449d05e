// Pure: a question of an agent in words – why it is asked, where it would run, who answered.
import type { ApprovalRequest } from '../../../../gateway-core/src/protocol/index.js';
import { type Approval, isOpen } from '../../data/approvals.js';
import { agentOfKey } from '../../data/session-key.js';
import { t, tMaybe } from '../../i18n/t.js';
import type { ToolStep } from '../chat/rows.js';
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

/** Why a person is asked. */
export function whyWords({ ask, security }: ApprovalRequest): string {
  if (ask === 'always') return t('approval.why.always');
  if (security === 'allowlist') return t('approval.why.notListed');
  return t('approval.why.rules');
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
