// The offline assistant: reads a message, looks things up or calls the tool it names, and streams quoted answers.
import { randomUUID } from 'node:crypto';
import type { Message } from '../protocol/index.js';
import { messageText } from '../protocol/index.js';
import type { Logger } from '../shared/logger.js';
import {
  type Answer,
  docsUsageAnswer,
  filesAnswer,
  greetingAnswer,
  helpAnswer,
  modelAnswer,
  noTextAnswer,
  nothingAnswer,
  quotedAnswer,
  statusAnswer,
  thanksAnswer,
  topicOf,
  unknownCommandAnswer,
} from './answers.js';
import { readIntent } from './intent.js';
import { Library, type Shelf } from './library.js';
import { estimatedUsage, wordGroups } from './said.js';
import { breathe, type Hit } from './text-index.js';
import { searchTerms } from './text-query.js';
import { maybeHint, newsLead, refusedAnswer, resultsAnswer, toolsAnswer, unclearAnswer } from './tool-answers.js';
import { lastUserAt, newsSince, readToolTurn, type ToolTurn } from './tool-turn.js';
import type { OfflineEvent, OfflineFacts, OfflineRequest } from './types.js';

export interface OfflineAssistantDeps extends OfflineFacts {
  /** Folder of the product's documentation (Markdown); undefined when this build carries none. */
  docsDir?: string;
  workspaceDir: (agentId: string) => string;
  log: Logger;
  /** Ids of tool calls; random unless given. */
  newId?: () => string;
}

export interface FoundPassage {
  /** Relative to the folder, with forward slashes. */
  file: string;
  /** First line, counted from 1. */
  line: number;
  text: string;
  /** Share of the question that the passage covers, 0…1. */
  coverage: number;
}

export interface OfflineAssistant {
  answer(request: OfflineRequest, signal: AbortSignal): AsyncIterable<OfflineEvent>;
  /** Passages of an agent's workspace that fit a question, best first; only of files that `keep` lets through. */
  search(agentId: string, question: string, keep: (file: string) => boolean): Promise<FoundPassage[]>;
  stop(): Promise<void>;
}

const MAX_QUOTES = 4;
const MAX_FOUND = 60;
/** Below this share of the question a passage is about something else. */
const MIN_COVERAGE = 0.4;

/** Waits for `promise` or for the abort, whichever comes first; the work itself goes on for others who want it. */
function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** Passages worth quoting: near the best one, and not two of one place. */
function worthQuoting(hits: Hit[]): Hit[] {
  const best = hits.find((hit) => hit.coverage >= MIN_COVERAGE);
  if (!best) return [];
  const places = new Set<string>();
  return hits
    .filter(({ coverage, score, passage }) => {
      const place = `${passage.source}:${passage.file}#${passage.slug}`;
      if (coverage < MIN_COVERAGE || score < best.score * 0.4 || places.has(place)) return false;
      places.add(place);
      return true;
    })
    .slice(0, MAX_QUOTES);
}

const distinct = (topics: string[]): string[] => [...new Set(topics.filter(Boolean))];

function lastQuestion(messages: Message[]): string {
  const last = messages[lastUserAt(messages)];
  return last ? messageText(last) : '';
}

const NO_TOOL: ToolTurn = { kind: 'none' };
const plain = (text: string): Answer => ({ text, citations: [] });

class LookupAssistant implements OfflineAssistant {
  readonly #library: Library;

  constructor(readonly deps: OfflineAssistantDeps) {
    this.#library = new Library(deps.log);
  }

  async *answer(request: OfflineRequest, signal: AbortSignal): AsyncGenerator<OfflineEvent> {
    signal.throwIfAborted();
    const question = lastQuestion(request.messages);
    const isCommand = readIntent(question).kind === 'command';
    const turn = isCommand ? NO_TOOL : readToolTurn(request, this.deps.toolNames?.() ?? []);
    if (turn.kind === 'call') {
      const id = `offline_${(this.deps.newId ?? randomUUID)()}`;
      yield { type: 'toolCall', id, name: turn.name, arguments: turn.arguments };
      yield { type: 'usage', usage: estimatedUsage(question, JSON.stringify(turn.arguments)) };
      yield { type: 'stop', reason: 'toolUse' };
      return;
    }
    const answer = await orAbort(this.#decide(question, turn, request), signal);
    yield* this.#say(question, { ...answer, text: newsLead(newsSince(request.messages)) + answer.text }, signal);
  }

  async *#say(question: string, { text, citations }: Answer, signal: AbortSignal): AsyncGenerator<OfflineEvent> {
    for (const group of wordGroups(text)) {
      signal.throwIfAborted();
      yield { type: 'text', text: group };
      await breathe();
    }
    signal.throwIfAborted();
    if (citations.length > 0) yield { type: 'citations', citations };
    yield { type: 'usage', usage: estimatedUsage(question, text) };
    yield { type: 'stop', reason: 'stop' };
  }

  async search(agentId: string, question: string, keep: (file: string) => boolean): Promise<FoundPassage[]> {
    const shelf = this.#workspace(agentId);
    await this.#library.refresh(shelf);
    const hits = await this.#library.search({ terms: searchTerms(question), scopes: [shelf.scope], limit: MAX_FOUND });
    return hits
      .filter(({ passage }) => keep(passage.file))
      .map(({ passage: { file, line, text }, coverage }) => ({ file, line, text, coverage }));
  }

  stop(): Promise<void> {
    return this.#library.close();
  }

  async #decide(question: string, turn: ToolTurn, request: OfflineRequest): Promise<Answer> {
    switch (turn.kind) {
      case 'results':
        return plain(resultsAnswer(turn.results, turn.isAvailable));
      case 'refused':
        return plain(refusedAnswer(turn.name, turn.why));
      case 'wish': {
        const { wish } = turn;
        if (wish.kind === 'list') return plain(toolsAnswer(request.tools ?? []));
        if (wish.kind === 'unclear') return plain(unclearAnswer(wish.tool, wish.why));
        const { text, citations } = await this.#reply(question, request);
        return { text: `${text}\n\n${maybeHint(wish.name, wish.line)}`, citations };
      }
      default:
        return this.#reply(question, request);
    }
  }

  async #reply(question: string, request: OfflineRequest): Promise<Answer> {
    const intent = readIntent(question);
    switch (intent.kind) {
      case 'empty':
        return noTextAnswer();
      case 'greeting':
        return greetingAnswer(await this.#topics());
      case 'thanks':
        return thanksAnswer();
      case 'about':
        return helpAnswer(toolsAnswer(request.tools ?? []));
      case 'command':
        return this.#command(intent.name, intent.rest, request);
      case 'question':
        return this.#lookUp(
          intent.text,
          [this.#docs(), this.#workspace(request.agentId)],
          'the documentation or your workspace',
        );
    }
  }

  async #command(name: string, rest: string, request: OfflineRequest): Promise<Answer> {
    switch (name) {
      case 'help':
        return helpAnswer(toolsAnswer(request.tools ?? []));
      case 'status':
        return statusAnswer((await this.deps.status?.(request)) ?? []);
      case 'model':
        return modelAnswer(this.deps.models?.() ?? []);
      case 'tools':
        return plain(toolsAnswer(request.tools ?? []));
      case 'files':
        return filesAnswer(await this.#library.refresh(this.#workspace(request.agentId)));
      case 'docs':
        return rest ? this.#lookUp(rest, [this.#docs()], 'the documentation') : docsUsageAnswer();
      default:
        return unknownCommandAnswer(name);
    }
  }

  #docs(): Shelf | undefined {
    return this.deps.docsDir ? { scope: 'docs', source: 'docs', root: this.deps.docsDir } : undefined;
  }

  #workspace(agentId: string): Shelf {
    const root = this.deps.workspaceDir(agentId);
    return { scope: `workspace ${root}`, source: 'workspace', root };
  }

  async #lookUp(question: string, wanted: Array<Shelf | undefined>, where: string): Promise<Answer> {
    const shelves = wanted.filter((shelf) => shelf !== undefined);
    for (const shelf of shelves) await this.#library.refresh(shelf);
    const terms = searchTerms(question);
    const scopes = shelves.map(({ scope }) => scope);
    const hits = await this.#library.search({ terms, scopes, limit: 12 });
    const quoted = worthQuoting(hits);
    if (quoted.length > 0) return quotedAnswer(quoted, terms);
    const near = distinct(hits.map(topicOf)).slice(0, 3);
    return nothingAnswer({ near, topics: near.length > 0 ? [] : await this.#topics(), where });
  }

  /** A few headings of the documentation that a newcomer would ask about. */
  async #topics(): Promise<string[]> {
    const docs = this.#docs();
    if (!docs) return [];
    await this.#library.refresh(docs);
    const terms = ['start', 'install', 'model', 'chat', 'agent'];
    const hits = await this.#library.search({ terms, scopes: [docs.scope], limit: 20 });
    return distinct(hits.map(topicOf)).slice(0, 3);
  }
}

/**
 * Makes the assistant that needs no provider (architecture §5). Nothing is read or loaded before the first question.
 * `answer` throws the reason of `signal` when that fires; `stop` frees the index.
 */
export function createOfflineAssistant(deps: OfflineAssistantDeps): OfflineAssistant {
  return new LookupAssistant(deps);
}
