// Takes a message in: which conversation, may it be sent there, and is it on disk.
import { listAgents } from '../agents/index.js';
import type { OpenClawConfig } from '../config/index.js';
import type { ImagePart, Message } from '../protocol/index.js';
import {
  createStamp,
  type Stamp,
  type FoundSession,
  maySend,
  renewIfStale,
  type SessionEvents,
  type SessionKey,
  type SessionStore,
  type TranscriptEntry,
} from '../sessions/index.js';
import { AppError, isAppError } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import { readAttachments } from './attachments.js';
import { openCalls } from './prompt-repair.js';
import type { JournalRun } from './run-journal.js';
import type { RunAcceptance } from './run-record.js';
import { termsOf } from './run-request.js';
import type { StartRun } from './runs-types.js';

export interface Accepted {
  acceptance: RunAcceptance;
  found: FoundSession;
  /** True when the conversation was made for this message. */
  created: boolean;
  /** What was asked, as stored. */
  asked: TranscriptEntry[];
  /** True when it was stored before: the client sends again what a crash left without an answer. */
  isRepeat: boolean;
  /** What was answered before the process ended, when that was complete: it is not done once more. */
  answers?: readonly Message[];
}

export interface RunIntakeOptions {
  config: () => OpenClawConfig;
  store: SessionStore;
  clock: Clock;
  events: Pick<SessionEvents, 'changed'>;
}

const REPEAT_SCAN = 64;

function invalid(message: string): AppError {
  return new AppError('request.invalid', { message });
}

export class RunIntake {
  readonly #options: RunIntakeOptions;
  #stamp: { timeZone: string | undefined; write: Stamp } | undefined;

  constructor(options: RunIntakeOptions) {
    this.#options = options;
  }

  /** The conversation under `key`, made when it is not there. Throws for an agent that does not exist. */
  async session(key: SessionKey): Promise<{ found: FoundSession; created: boolean }> {
    if (!this.#isAgent(key.agentId)) throw invalid(`unknown agent id "${key.agentId}"`);
    const { created, ...found } = await this.#options.store.findOrCreate(key.key, key.agentId);
    return { found, created };
  }

  /** A user's message as it is stored: with the time in front. */
  userMessage(text: string, images: ImagePart[]): Message {
    const now = this.#options.clock.now();
    const stamp = this.#stampFor(this.#options.config().agents?.defaults?.userTimezone);
    return { role: 'user', content: [{ type: 'text', text: `${stamp(now)}${text}` }, ...images], timestamp: now };
  }

  /** Making one costs more than the rest of a turn's bookkeeping. */
  #stampFor(timeZone: string | undefined): Stamp {
    if (this.#stamp?.timeZone !== timeZone || !this.#stamp) this.#stamp = { timeZone, write: createStamp(timeZone) };
    return this.#stamp.write;
  }

  /** Resolves when the message is on disk. */
  async accept(runId: string, request: StartRun): Promise<Accepted> {
    const images = readAttachments(request.attachments);
    await this.#renew(request);
    try {
      return await this.#acceptNow(runId, request, images);
    } catch (error) {
      // It was begun anew or removed at this moment: the message belongs to the conversation that comes next.
      if (!isAppError(error, 'session.not_found')) throw error;
      return this.#acceptNow(runId, request, images);
    }
  }

  async #acceptNow(runId: string, request: StartRun, images: ImagePart[]): Promise<Accepted> {
    const { store, clock } = this.#options;
    const { found, created } = await this.session(request.key);
    this.#checkSendPolicy(found, request);
    const before = await this.#storedBefore(found, runId);
    const known = before.find(({ message }) => message.role === 'user');
    const asked = known ? [known] : await this.#store(found, runId, request, images);
    const acceptedAt = clock.now();
    const label = created && request.label !== undefined ? { label: request.label } : {};
    const entry = await store.update(found, (before) => ({ ...before, ...label, updatedAt: acceptedAt }));
    const current = { ...found, entry: entry ?? found.entry };
    const { sessionId } = current.entry;
    const acceptance = { runId, sessionKey: found.key, sessionId, acceptedAt, messageSeq: asked[0]?.seq };
    const answers = known && completeAnswers(before);
    return { acceptance, found: current, created, asked, isRepeat: known !== undefined, ...(answers && { answers }) };
  }

  /** The rules of the config are for what clients send; jobs and helpers ask them where they speak to somebody. */
  #checkSendPolicy({ key, entry }: FoundSession, { owner }: StartRun): void {
    const { sendPolicy: override, channel, chatType } = entry;
    const policy = owner && this.#options.config().session?.sendPolicy;
    if (!maySend({ policy, override, key, channel, chatType }).isAllowed)
      throw invalid('send blocked by session policy');
  }

  /** A message for a conversation that is over begins a new one, wherever the message comes from. */
  async #renew({ key, renews = true, exchange }: StartRun): Promise<void> {
    // Results of a caller's functions belong to the conversation that asked for them.
    if (!renews || exchange || !this.#isAgent(key.agentId)) return;
    const { config, store, events, clock } = this.#options;
    await renewIfStale(key, { config, store, events, now: () => clock.now() });
  }

  #isAgent(agentId: string): boolean {
    return listAgents(this.#options.config()).some((agent) => agent.id === agentId);
  }

  async #store(found: FoundSession, runId: string, request: StartRun, images: ImagePart[]): Promise<TranscriptEntry[]> {
    const { store } = this.#options;
    const messages = await this.#messagesOf(found, request, images);
    // In one go: what is asked together is on disk together, and costs one flush.
    return Promise.all(messages.map((message) => store.append(found, message, { runId })));
  }

  async #messagesOf(found: FoundSession, request: StartRun, images: ImagePart[]): Promise<Message[]> {
    const { message, exchange } = request;
    if (!exchange) return [this.userMessage(message, images)];
    const tail = await this.#options.store.tail(found, REPEAT_SCAN);
    const waiting = new Set(openCalls(tail.map((entry) => entry.message)).map(({ id }) => id));
    const answers = exchange.messages.filter(
      ({ role, toolCallId = '' }) => role === 'toolResult' && waiting.has(toolCallId),
    );
    const { followUp } = exchange;
    if (answers.length > 0) return followUp === undefined ? answers : [...answers, this.userMessage(followUp, images)];
    const question = this.userMessage(message, images);
    const isWhole = exchange.messages.some(({ role }) => role === 'assistant');
    if (!isWhole) return [question];
    const more = followUp === undefined ? [] : [this.userMessage(followUp, [])];
    return [question, ...exchange.messages, ...more];
  }

  /** A client that lost our answer in a crash sends again: its message is there, and maybe more. */
  async #storedBefore(found: FoundSession, runId: string): Promise<TranscriptEntry[]> {
    const entries = await this.#options.store.tail(found, REPEAT_SCAN);
    return entries.filter((entry) => entry.runId === runId && !entry.compaction);
  }
}

/** Pure: what a run said, when it had come to its end; undefined for one that was cut off, stopped or failed. */
function completeAnswers(entries: readonly TranscriptEntry[]): Message[] | undefined {
  const messages = entries.map(({ message }) => message);
  const last = messages.at(-1);
  const isComplete = last?.role === 'assistant' && last.stopReason !== 'aborted' && last.stopReason !== 'error';
  if (!isComplete || openCalls(messages).length > 0) return undefined;
  return messages.filter(({ role }) => role === 'assistant');
}

/** What the journal needs to go on with a run after a crash. */
export function toJournal(request: StartRun, { acceptance, found }: Accepted): JournalRun {
  const { rawKey = found.key, kind, timeoutMs, owner } = request;
  const { runId, sessionId, acceptedAt } = acceptance;
  const run = { runId, key: found.key, rawKey, agentId: found.agentId, sessionId, kind, acceptedAt, attempts: 1 };
  return { ...run, ...termsOf(request), timeoutMs, deviceId: owner?.deviceId };
}
