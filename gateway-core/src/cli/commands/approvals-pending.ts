// `openclaw approvals pending`: the commands that agents may not run before a person has answered.
import { shortLine } from '../../shared/front-matter.js';
import { type AskOptions, askGateway, type Result } from '../ask-gateway.js';
import type { CommandContext } from '../context.js';
import { boxedTable, formatAge } from '../text-format.js';

type Waiting = Result<'exec.approval.list'>['approvals'];

const MAX_COMMAND = 80;
const MAX_NAME = 32;

/** The text form, line by line. Commands come from agents, so nothing in them reaches the terminal but what can be read. */
export function pendingLines(approvals: Waiting, nowMs: number): string[] {
  if (approvals.length === 0) return ['Nothing waits for an answer.'];
  const rows = approvals.map(({ id, request, createdAtMs, expiresAtMs }) => [
    shortLine(id, MAX_NAME),
    shortLine(request.agentId, MAX_NAME),
    shortLine(request.command, MAX_COMMAND),
    formatAge(Math.max(0, nowMs - createdAtMs)),
    `${Math.max(0, Math.ceil((expiresAtMs - nowMs) / 1000))} s`,
  ]);
  const reasons = approvals.flatMap(({ id, request: { reason } }) =>
    reason ? [`${shortLine(id, MAX_NAME)}: ${shortLine(reason.text, MAX_COMMAND * 4)}`] : [],
  );
  return [...boxedTable(['Id', 'Agent', 'Command', 'Asked', 'Time left'], rows), ...reasons];
}

export async function run(context: CommandContext, options: AskOptions): Promise<number> {
  const answer = await askGateway(context, options, 'exec.approval.list', {});
  if (options.json) context.json(answer);
  else for (const line of pendingLines(answer.approvals, context.host.now())) context.out(line);
  return 0;
}
