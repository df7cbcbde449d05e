// Tells the person outside of the window that an agent waits for an answer, and takes it back when nobody waits any more.
import { app, Notification } from 'electron';
import type { WaitingQuestion } from '../../contract/desktop.js';
import type { DesktopLog } from '../desktop-log.js';
import type { Timers } from '../processes/timers.js';
import { announcementTexts, type Known, planAnnouncements } from './plan-announcements.js';

export interface AnnouncerDeps {
  /** The person looks at the window. */
  isInFront(): boolean;
  /** The announcement of a question was clicked. */
  open(id: string): void;
  platform: NodeJS.Platform;
  timers: Pick<Timers, 'now'>;
  log: DesktopLog;
}

export class QuestionAnnouncer {
  readonly #deps: AnnouncerDeps;
  /** Held for as long as they may be clicked: one that is collected as garbage is not heard. */
  readonly #shown = new Map<string, Notification>();
  #known: Known = { ids: new Set(), announcedAtMs: [] };

  constructor(deps: AnnouncerDeps) {
    this.#deps = deps;
  }

  /** Takes what waits now. Works also while the window is hidden in the tray: its page goes on running there. */
  set(questions: readonly WaitingQuestion[]): void {
    const { isInFront, timers, log } = this.#deps;
    const plan = planAnnouncements(this.#known, questions, { isInFront: isInFront(), nowMs: timers.now() });
    this.#known = plan.known;
    for (const id of plan.withdraw) this.#withdraw(id);
    app.setBadgeCount(plan.known.ids.size);
    if (plan.announce.length === 0) return;
    if (Notification.isSupported()) for (const question of plan.announce) this.#announce(question);
    else log.warn('a question could not be announced: this system has no notifications');
  }

  /** Withdraws all. */
  stop(): void {
    this.set([]);
  }

  #announce(question: WaitingQuestion): void {
    const { log, open, platform } = this.#deps;
    const { id } = question;
    const notification = new Notification(announcementTexts(question, platform));
    this.#shown.set(id, notification);
    notification.on('click', () => {
      this.#withdraw(id);
      open(id);
    });
    notification.on('failed', (_event, error) => log.warn('a question could not be announced', { error }));
    notification.show();
    // Never the command itself: it may hold what nobody should find in a log.
    log.info('question announced', { waiting: this.#known.ids.size });
  }

  #withdraw(id: string): void {
    this.#shown.get(id)?.close();
    this.#shown.delete(id);
  }
}
