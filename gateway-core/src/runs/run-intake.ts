// Takes a message in: which conversation, may it be sent there, and is it on disk.
import { listAgents } from '../agents/index.js';
import type { OpenClawConfig } from '../config/index.js';
import type { ImagePart, Message } from '../protocol/index.js';
import {
  createStamp,
  type Stamp,
  type FoundSession,
  renewIfStale,
  type SessionEvents,
  type SessionKey,
  type SessionStore,
  type TranscriptEntry,
} from '../sessions/index.js';
import { AppError } from '../shared/app-error.js';
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
    const { store, clock } = this.#options;
    const images = readAttachments(request.attachments);
    await this.#renew(request);
    const { found, created } = await this.session(request.key);
    if (found.entry.sendPolicy === 'deny') throw invalid('send blocked by session policy');
    const known = await this.#storedBefore(found, runId);
    const asked = known ? [known] : await this.#store(found, runId, request, images);
    const acceptedAt = clock.now();
    const label = created && request.label !== undefined ? { label: request.label } : {};
    const entry = await store.update(found, (before) => ({ ...before, ...label, updatedAt: acceptedAt }));
    const current = { ...found, entry: entry ?? found.entry };
    const { sessionId } = current.entry;
    const acceptance = { runId, sessionKey: found.key, sessionId, acceptedAt, messageSeq: asked[0]?.seq };
    return { acceptance, found: current, created, asked, isRepeat: known !== undefined };
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

  /** A client that lost our answer in a crash sends again: its message is there, only the run is new. */
  async #storedBefore(found: FoundSession, runId: string): Promise<TranscriptEntry | undefined> {
    const entries = await this.#options.store.tail(found, REPEAT_SCAN);
    return entries.find((entry) => entry.runId === runId && entry.message.role === 'user');
  }
}

/** What the journal needs to go on with a run after a crash. */
export function toJournal(request: StartRun, { acceptance, found }: Accepted): JournalRun {
  const { rawKey = found.key, kind, timeoutMs, owner } = request;
  const { runId, sessionId, acceptedAt } = acceptance;
  const run = { runId, key: found.key, rawKey, agentId: found.agentId, sessionId, kind, acceptedAt, attempts: 1 };
  return { ...run, ...termsOf(request), timeoutMs, deviceId: owner?.deviceId };
}
