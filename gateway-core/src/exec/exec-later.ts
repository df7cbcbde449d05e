// What happens after the run has gone on: news about an end, and commands that waited for a person.
import { type ExecCall, type ExecToolDeps, type PreparedStart, startPrepared } from './exec-call.js';
import { deniedNews, endedNews, stillRunningNews } from './exec-results.js';
import type { AskedAnswer } from './gate.js';
import type { ProcessSession } from './process-session.js';

export function tell({ notify }: Pick<ExecToolDeps, 'notify'>, { context }: ExecCall, text: string): void {
  notify({ sessionKey: context.sessionKey, agentId: context.agentId, text });
}

/** An end that somebody asked for, or is watching, is no news. */
function isNews(session: ProcessSession, { settings }: ExecCall): boolean {
  if (session.cause === 'kill' || session.cause === 'stop' || session.endWasSeen) return false;
  const isSilentSuccess = session.exitCode === 0 && session.output.totalChars === 0;
  return settings.notifyOnExit && (!isSilentSuccess || settings.notifyOnExitEmptySuccess);
}

/** Tells the agent when a command in the background ends (tools.exec.notifyOnExit). */
export function announceEnd(deps: ExecToolDeps, call: ExecCall, session: ProcessSession): void {
  void session.ended.then(() => {
    if (isNews(session, call)) tell(deps, call, endedNews(session));
  });
}

/** Tells once that a command still runs, and cancels that when it ends. */
function noticeWhileRunning(deps: ExecToolDeps, call: ExecCall, session: ProcessSession, approvalId: string): void {
  const { runningNoticeMs } = call.settings;
  if (runningNoticeMs === 0) return;
  const notice = deps.clock.after(runningNoticeMs, () => tell(deps, call, stillRunningNews(session, approvalId)));
  void session.ended.then(() => notice.cancel());
}

export interface Later {
  answer: AskedAnswer;
  start: PreparedStart;
}

/** Runs a command in the background once a person allows it. Its end is news whatever the config says. */
export async function runOnceAllowed(deps: ExecToolDeps, call: ExecCall, { answer, start }: Later): Promise<void> {
  const { isAllowed, reason } = await answer.decided;
  if (!isAllowed) return tell(deps, call, deniedNews(answer.id, call.args.command, reason));
  const session = await startPrepared(deps, call, start);
  noticeWhileRunning(deps, call, session, answer.id);
  await session.ended;
  if (session.cause !== 'stop' && session.cause !== 'kill') tell(deps, call, endedNews(session, answer.id));
}
