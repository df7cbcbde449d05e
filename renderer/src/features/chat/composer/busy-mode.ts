// Pure: what becomes of a message that is sent while an answer is written, and what does not wait for anything.

/** `wait` is held here until the answer is complete; the other two are for the gateway at once. */
export type BusyMode = 'wait' | 'steer' | 'interrupt';

const MODES: Readonly<Record<string, BusyMode>> = {
  steer: 'steer',
  'steer-backlog': 'steer',
  'steer+backlog': 'steer',
  interrupt: 'interrupt',
};

/** `queueMode` is that of the conversation. The modes in which the gateway keeps a queue wait here, where a person can still change them. */
export function busyModeOf(queueMode: string | undefined): BusyMode {
  return queueMode !== undefined && Object.hasOwn(MODES, queueMode) ? (MODES[queueMode] ?? 'wait') : 'wait';
}

const STOP = /^\/(?:stop|abort)$/i;

/** True for words that stop the answer: behind it they would come too late. */
export function isStopWord(text: string): boolean {
  return STOP.test(text.trim());
}
