// Follows the gateway's log by asking for what came after the last cursor, only while somebody looks.
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { LogsTailResult } from '../../../../gateway-core/src/protocol/index.js';
import type { Gateway } from '../../data/gateway.js';
import { appendRows, type LogRow, MAX_ROWS, parseLogLine } from './log-lines.js';

export interface LogTailState {
  rows: readonly LogRow[];
  file?: string;
  /** The first answer has arrived. */
  loaded: boolean;
  /** Lines between two answers were skipped, or the file was replaced. */
  skipped?: 'truncated' | 'reset';
  error?: unknown;
}

export interface LogTail {
  store: StoreApi<LogTailState>;
  /** Asks again and again until the result is called. */
  follow(): () => void;
}

export interface LogTailDeps {
  gateway: Pick<Gateway, 'request' | 'state'>;
  after: (ms: number, run: () => void) => { cancel(): void };
  isVisible: () => boolean;
}

export const POLL_MS = 1_000;
const MAX_BYTES = 1_000_000;

/** The state after an answer; the same object when nothing is new. */
function nextState(state: LogTailState, result: LogsTailResult, added: readonly LogRow[]): LogTailState {
  const isOtherFile = state.file === undefined || state.file !== result.file;
  const skipped = result.reset ? 'reset' : result.truncated && !isOtherFile ? 'truncated' : state.skipped;
  if (added.length === 0 && state.loaded && state.error === undefined && skipped === state.skipped) return state;
  return { rows: appendRows(state.rows, added), file: result.file, loaded: true, skipped, error: undefined };
}

export function createLogTail(deps: LogTailDeps): LogTail {
  const store = createStore<LogTailState>(() => ({ rows: [], loaded: false }));
  let cursor: number | undefined;
  let nextId = 1;
  const accept = (result: LogsTailResult) => {
    const added = result.lines.filter((line) => line.trim() !== '').map((line) => parseLogLine(line, nextId++));
    cursor = result.cursor;
    store.setState(nextState(store.getState(), result, added));
  };
  const ask = async () => {
    try {
      accept(
        await deps.gateway.request('logs.tail', {
          ...(cursor !== undefined && { cursor }),
          limit: MAX_ROWS,
          maxBytes: MAX_BYTES,
        }),
      );
    } catch (error) {
      store.setState({ error });
    }
  };
  const follow = () => {
    let isOver = false;
    let timer: { cancel(): void } | undefined;
    const step = async () => {
      if (deps.isVisible() && deps.gateway.state().phase === 'ready') await ask();
      if (!isOver) timer = deps.after(POLL_MS, () => void step());
    };
    void step();
    return () => {
      isOver = true;
      timer?.cancel();
    };
  };
  return { store, follow };
}
