// One heartbeat: may it be, what is asked, what becomes of the answer.
import type { HeartbeatEvent } from '../protocol/index.js';
import { isActive, type WallClock } from './active-hours.js';
import { asksForNothing } from './heartbeat-file.js';
import { readReply } from './reply.js';
import type { HeartbeatSettings } from './settings.js';
import type { BeatResult, HeartbeatOptions, Woken } from './types.js';
import { resolveTarget, type Target, type Visibility, visibilityFor } from './visibility.js';

const DUPLICATE_MS = 24 * 60 * 60_000;
const PREVIEW_CHARS = 200;

export interface BeatContext {
  settings: HeartbeatSettings;
  /** The conversation that is looked at. */
  sessionKey: string;
  reason: string;
}

interface Surroundings extends BeatContext {
  startedAtMs: number;
  target: Target;
  visibility: Visibility;
  events: readonly string[];
}

/** Pure: what the agent is asked. Lines that wait for the conversation come with its turn by themselves. */
export function beatPrompt(prompt: string, events: readonly string[], isIsolated: boolean): string {
  if (events.length === 0) return prompt;
  const list = isIsolated ? `\n\n${events.map((line) => `- ${line}`).join('\n')}` : '';
  return (
    `${prompt}\n\nSomething new came in since you last looked (the system events of this turn). Deal with each event, ` +
    `and tell the user what they have to know of it; a reminder is passed on in your own words. Answer HEARTBEAT_OK ` +
    `only when none of it concerns the user.${list}`
  );
}

export class Beat {
  readonly #options: HeartbeatOptions;
  readonly #wall: WallClock;

  constructor(options: HeartbeatOptions, wall: WallClock) {
    this.#options = options;
    this.#wall = wall;
  }

  /** Undefined when the conversation is busy: the same again a little later. */
  async run(context: BeatContext, signal: AbortSignal): Promise<Woken | undefined> {
    const { clock, isBusy } = this.#options;
    const refusal = this.#refusal(context.settings);
    if (refusal !== undefined) return { status: 'skipped', reason: refusal };
    if (await isBusy(context.sessionKey)) {
      return context.settings.skipWhenBusy ? { status: 'skipped', reason: 'requests-in-flight' } : undefined;
    }
    const around = await this.#lookAround({ ...context, startedAtMs: clock.now() });
    const needless = await this.#needless(around);
    if (needless !== undefined) return this.#skip(around, needless);
    const result = await this.#ask(around, signal);
    if (result.status === 'interrupted') {
      // Nobody is to find a question that was never answered.
      await result.takeBack();
      return { status: 'failed', reason: 'the gateway stops' };
    }
    if (result.status === 'failed') {
      this.#options.restoreEvents?.(context.sessionKey, around.events);
      return this.#fail(around, result);
    }
    return this.#judge(around, result);
  }

  /** Reasons that are as they are, and no news to anybody. */
  #refusal({ agentId, activeHours }: HeartbeatSettings): string | undefined {
    const { config, clock, isEnabled, hostTimeZone } = this.#options;
    if (!isEnabled(agentId)) return 'disabled';
    const zones = { user: config().agents?.defaults?.userTimezone, host: hostTimeZone };
    return isActive(activeHours, clock.now(), zones, this.#wall) ? undefined : 'quiet-hours';
  }

  async #lookAround(context: BeatContext & { startedAtMs: number }): Promise<Surroundings> {
    const { config, lastRoute, channels, pendingEvents } = this.#options;
    const target = resolveTarget(context.settings, await lastRoute(context.sessionKey), channels());
    const place = target.kind === 'channel' ? target : undefined;
    const visibility = visibilityFor(config(), place?.channel, place?.accountId);
    // A copy: the turn takes them out of the queue.
    return { ...context, target, visibility, events: [...pendingEvents(context.sessionKey)] };
  }

  /** Reasons to spare the model call. */
  async #needless({ settings, visibility, events }: Surroundings): Promise<string | undefined> {
    const { showOk, showAlerts, useIndicator } = visibility;
    if (!showOk && !showAlerts && !useIndicator) return 'alerts-disabled';
    // Whatever the file says, news must not wait.
    if (events.length > 0) return undefined;
    const file = await this.#options.readHeartbeatFile(settings.agentId);
    return file !== undefined && asksForNothing(file) ? 'empty-heartbeat-file' : undefined;
  }

  #ask({ settings, sessionKey, events }: Surroundings, signal: AbortSignal): Promise<BeatResult> {
    const { agentId, isolatedSession, model, lightContext, timeoutMs, prompt } = settings;
    // A turn takes the lines of its own conversation only.
    const lines = isolatedSession ? this.#options.takeEvents(sessionKey) : events;
    const request = {
      agentId,
      sessionKey: isolatedSession ? `${sessionKey}:heartbeat` : sessionKey,
      isIsolated: isolatedSession,
      prompt: beatPrompt(prompt, lines, isolatedSession),
      lightContext,
      timeoutMs,
      ...(model !== undefined && { model }),
    };
    return this.#options.runTurn(request, signal);
  }

  async #judge(around: Surroundings, result: BeatResult): Promise<Woken> {
    const { settings, sessionKey } = around;
    const { lastAlert, clock } = this.#options;
    const reply = readReply(result.text, settings.ackMaxChars);
    if (reply.kind !== 'alert') return this.#acknowledge(around, result, reply.kind);
    if (!around.visibility.showAlerts) {
      await result.takeBack();
      this.#skip(around, 'alerts-disabled', result, reply.text);
      return { status: 'ran', reason: 'alerts-disabled' };
    }
    const last = await lastAlert(sessionKey);
    if (!isReminder(around) && last?.text === reply.text && isRecent(last.atMs, clock.now())) {
      await result.takeBack();
      this.#skip(around, 'duplicate', result, reply.text);
      return { status: 'ran', reason: 'duplicate' };
    }
    return this.#alert(around, result, reply.text);
  }

  async #acknowledge(around: Surroundings, result: BeatResult, kind: 'ack' | 'empty'): Promise<Woken> {
    const { target, visibility, settings, sessionKey } = around;
    await result.takeBack();
    let isShown = false;
    if (visibility.showOk && target.kind === 'channel') {
      const message = { agentId: settings.agentId, sessionKey, text: 'HEARTBEAT_OK' };
      isShown = (await this.#options.deliver({ ...message, ...placeOf(target) })).delivered;
    }
    this.#publish(around, {
      status: kind === 'ack' ? 'ok-token' : 'ok-empty',
      reason: around.reason,
      silent: !isShown,
      ...(isShown && { ...placeOf(target) }),
      ...(visibility.useIndicator && { indicatorType: 'ok' }),
    });
    return { status: 'ran' };
  }

  async #alert(around: Surroundings, result: BeatResult, text: string): Promise<Woken> {
    const { target, settings, sessionKey, visibility } = around;
    const { rememberAlert, clock } = this.#options;
    await result.show();
    const remembered = { text, atMs: clock.now() };
    if (target.kind === 'none') {
      await rememberAlert(sessionKey, remembered);
      // The answer stands in the conversation; nobody was written to.
      this.#skip(around, target.reason, result, text);
      return { status: 'ran', reason: target.reason };
    }
    const { agentId } = settings;
    const error = await this.#deliver({ agentId, sessionKey, ...placeOf(target) }, this.#texts(settings, result, text));
    if (error !== undefined) return this.#fail(around, { ...result, error, takeBack: async () => undefined });
    await rememberAlert(sessionKey, remembered);
    this.#publish(around, {
      status: 'sent',
      ...placeOf(target),
      preview: preview(text),
      hasMedia: result.hasMedia ?? false,
      reason: around.reason,
      ...(visibility.useIndicator && { indicatorType: 'alert' }),
    });
    return { status: 'ran' };
  }

  #texts({ includeReasoning }: HeartbeatSettings, { reasoning }: BeatResult, text: string): string[] {
    return includeReasoning && reasoning?.trim() ? [`Reasoning:\n${reasoning.trim()}`, text] : [text];
  }

  async #deliver(
    place: { agentId: string; sessionKey: string; channel: string; to: string; accountId?: string },
    texts: readonly string[],
  ): Promise<string | undefined> {
    for (const text of texts) {
      const { delivered, error } = await this.#options.deliver({ ...place, text });
      if (!delivered) return error ?? 'The channel did not take it.';
    }
    return undefined;
  }

  async #fail(around: Surroundings, result: Pick<BeatResult, 'error' | 'takeBack'>): Promise<Woken> {
    await result.takeBack();
    const reason = result.error ?? 'The run failed.';
    this.#options.log.warn('A heartbeat failed.', { agentId: around.settings.agentId, reason });
    const indicator = around.visibility.useIndicator ? { indicatorType: 'error' } : {};
    this.#publish(around, { status: 'failed', reason, ...indicator });
    return { status: 'failed', reason };
  }

  #skip(around: Surroundings, reason: string, result?: BeatResult, text?: string): Woken {
    this.#publish(around, {
      status: 'skipped',
      reason,
      ...(text !== undefined && { preview: preview(text) }),
      ...(result && { hasMedia: result.hasMedia ?? false }),
    });
    return { status: 'skipped', reason };
  }

  #publish({ startedAtMs }: Surroundings, event: Omit<HeartbeatEvent, 'ts' | 'durationMs'>): void {
    const now = this.#options.clock.now();
    this.#options.publish({ ts: now, ...event, durationMs: Math.max(0, now - startedAtMs) });
  }
}

/** Whoever asks to be reminded every hour is told every hour, in the same words if need be. */
function isReminder({ reason, events }: Surroundings): boolean {
  return reason.startsWith('cron:') && events.length > 0;
}

/** A time to come was noted with a clock that went fast. */
function isRecent(atMs: number, nowMs: number): boolean {
  return atMs <= nowMs && nowMs - atMs < DUPLICATE_MS;
}

function placeOf(target: Target): { channel: string; to: string; accountId?: string } {
  if (target.kind === 'none') return { channel: '', to: '' };
  const { kind: _kind, ...place } = target;
  return place;
}

function preview(text: string): string {
  return text.slice(0, PREVIEW_CHARS);
}
