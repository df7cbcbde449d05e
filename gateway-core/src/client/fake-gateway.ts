// Test double: an in-memory gateway with hand-turned time, for tests of the client.
import type { HelloOk } from '../protocol/index.js';
import type { Transport, TransportEnd } from './transport.js';
import type { ClientTimers } from './types.js';

/** Time that moves only when told to. */
export class FakeTimers implements ClientTimers {
  #now = 1_000_000;
  #due: Array<{ atMs: number; run: () => void }> = [];

  now(): number {
    return this.#now;
  }

  after(delayMs: number, run: () => void): { cancel(): void } {
    const entry = { atMs: this.#now + delayMs, run };
    this.#due.push(entry);
    return { cancel: () => void (this.#due = this.#due.filter((other) => other !== entry)) };
  }

  /** Runs what falls due within `ms`, in order, and lets promises settle in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#due.filter(({ atMs }) => atMs <= end).sort((a, b) => a.atMs - b.atMs)[0];
      if (!next) break;
      this.#due = this.#due.filter((entry) => entry !== next);
      this.#now = next.atMs;
      next.run();
      await settled();
    }
    this.#now = end;
    await settled();
  }

  get pending(): number {
    return this.#due.length;
  }
}

/** Lets every promise that can settle do so. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

export interface SentFrame {
  type: string;
  id: string;
  method: string;
  params?: Record<string, unknown>;
}

/** The gateway's end of one in-memory socket. */
export class FakeSocket {
  readonly sent: SentFrame[] = [];
  closedByClient: { code?: number; reason?: string } | undefined;
  #onMessage: (text: string) => void = () => undefined;
  #onClose: (end: TransportEnd) => void = () => undefined;

  constructor(readonly url: string) {}

  get transport(): Transport {
    return {
      send: (text) => void this.sent.push(JSON.parse(text) as SentFrame),
      close: (code, reason) => void (this.closedByClient = { code, reason }),
      onOpen: () => undefined,
      onMessage: (listener) => void (this.#onMessage = listener),
      onClose: (listener) => void (this.#onClose = listener),
      onError: () => undefined,
    };
  }

  get last(): SentFrame {
    const frame = this.sent.at(-1);
    if (!frame) throw new Error('nothing was sent');
    return frame;
  }

  text(text: string): void {
    this.#onMessage(text);
  }

  frame(frame: Record<string, unknown>): void {
    this.text(JSON.stringify(frame));
  }

  event(event: string, payload: unknown, seq?: number): void {
    this.frame({ type: 'event', event, payload, ...(seq !== undefined && { seq }) });
  }

  answer(id: string, payload: unknown): void {
    this.frame({ type: 'res', id, ok: true, payload });
  }

  refuse(id: string, error: Record<string, unknown>, payload?: unknown): void {
    this.frame({ type: 'res', id, ok: false, error, ...(payload !== undefined && { payload }) });
  }

  close(code: number, reason = ''): void {
    this.#onClose({ code, reason });
  }

  async challenge(nonce = 'n-1', ts = 42): Promise<SentFrame> {
    this.event('connect.challenge', { nonce, ts });
    await settled();
    return this.last;
  }

  async welcome(hello: HelloOk = exampleHello()): Promise<void> {
    const connect = await this.challenge();
    this.answer(connect.id, hello);
    await settled();
  }
}

export function exampleHello(changes: Partial<HelloOk> = {}): HelloOk {
  return {
    type: 'hello-ok',
    protocol: 4,
    server: { version: '1.0.0', connId: 'conn-1' },
    features: { methods: ['health'], events: ['tick'] },
    snapshot: { presence: [], health: {}, stateVersion: { presence: 0, health: 0 }, uptimeMs: 1 },
    policy: { maxPayload: 26_214_400, maxBufferedBytes: 52_428_800, tickIntervalMs: 30_000 },
    ...changes,
  };
}
