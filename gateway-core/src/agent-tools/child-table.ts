// Every helper there is, in memory and in the entries of the conversations.
import { listAgents } from '../agents/index.js';
import { messageText } from '../protocol/index.js';
import { type Child, childOf, type ChildState, withChild } from './child-record.js';
import type { AgentToolsOptions } from './options.js';

const HELPER_KEY = /:subagent:/;
/** The answer of a run is looked for among the last messages. */
const TAIL = 50;

export class ChildTable {
  readonly #options: Pick<AgentToolsOptions, 'config' | 'store' | 'events'>;
  readonly #children = new Map<string, Child>();
  #loading: Promise<void> | undefined;

  constructor(options: Pick<AgentToolsOptions, 'config' | 'store' | 'events'>) {
    this.#options = options;
  }

  /** Reads what an earlier process left; done once. */
  load(): Promise<void> {
    this.#loading ??= this.#read();
    return this.#loading;
  }

  async #read(): Promise<void> {
    const { store, config } = this.#options;
    for (const { id } of listAgents(config())) {
      const index = await store.index(id);
      for (const key of index.keys()) {
        const entry = HELPER_KEY.test(key) ? index.get(key) : undefined;
        const child = entry && childOf(key, id, entry);
        if (child && !this.#children.has(key)) this.#children.set(key, child);
      }
    }
  }

  all(): Child[] {
    return [...this.#children.values()];
  }

  add(child: Child): void {
    this.#children.set(child.key, child);
  }

  get(key: string): Child | undefined {
    return this.#children.get(key);
  }

  /** Helpers that a conversation asked for itself, first asked first. */
  of(requester: string): Child[] {
    const own = this.all().filter(({ state }) => state.requester === requester);
    return own.sort((a, b) => a.state.startedAt - b.state.startedAt);
  }

  /** The same with the helpers of helpers. */
  below(requester: string, seen: Set<string> = new Set()): Child[] {
    return this.of(requester).flatMap((child) => {
      // A file that somebody wrote by hand may lead in a circle.
      if (seen.has(child.key)) return [];
      return [child, ...this.below(child.key, seen.add(child.key))];
    });
  }

  running(): Child[] {
    return this.all().filter(({ state }) => state.status === 'running');
  }

  /** True while a result may still come: it works, or somebody works for it. */
  isAtWork({ key, state }: Child): boolean {
    if (state.status === 'running') return true;
    return state.status === 'done' && this.of(key).some((child) => !child.state.isTold);
  }

  /** Ended, and nobody was told. */
  waiting(requester: string): Child[] {
    return this.of(requester).filter((child) => !child.state.isTold && !this.isAtWork(child));
  }

  /** What its last run said, from the transcript. */
  async recall(child: Child): Promise<void> {
    const { store } = this.#options;
    const found = await store.find(child.key);
    const entries = found ? await store.tail(found, TAIL) : [];
    const own = entries.filter(({ runId, message }) => runId === child.state.runId && message.role === 'assistant');
    child.words = own
      .map(({ message }) => messageText(message).trim())
      .filter((text) => text !== '')
      .join('\n\n');
  }

  /** Forgets it and moves its transcript aside. */
  async archive(child: Child): Promise<void> {
    const { store, events } = this.#options;
    this.#children.delete(child.key);
    const found = await store.find(child.key);
    if (!found) return;
    await store.delete(found, false);
    events.changed(child.key, 'delete');
  }

  async change(child: Child, change: Partial<ChildState>): Promise<void> {
    child.state = { ...child.state, ...change };
    await this.keep(child, false);
  }

  /** `isDurable` waits for the disk: somebody is about to count on it. */
  async keep(child: Child, isDurable: boolean): Promise<void> {
    const { store } = this.#options;
    await store.update(child, (entry) => withChild(entry, child.state));
    if (isDurable) await (await store.index(child.agentId)).flush();
  }
}
