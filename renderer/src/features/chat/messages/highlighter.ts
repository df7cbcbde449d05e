// Asks the worker for colours; starts it with the first question and remembers its answers.
import type { Token } from './highlight-tokens.js';

export interface HighlightRequest {
  id: number;
  code: string;
  language: string;
}

/** Without tokens: a language nobody knows here. */
export interface HighlightAnswer {
  id: number;
  tokens?: Token[];
}

export interface Highlighter {
  /** Resolves with runs of text, or undefined when the code stays plain. */
  highlight(code: string, language: string): Promise<Token[] | undefined>;
}

const MAX_CODE_LENGTH = 60_000;
const MAX_KEPT = 200;

function startWorker(): Worker {
  return new Worker(new URL('./highlight-worker.ts', import.meta.url), { type: 'module', name: 'highlight' });
}

/** One worker for the window. */
export function createHighlighter(start: () => Worker = startWorker): Highlighter {
  const answers = new Map<string, Promise<Token[] | undefined>>();
  const waiting = new Map<number, (tokens: Token[] | undefined) => void>();
  let worker: Worker | undefined;
  let nextId = 1;
  const ask = (code: string, language: string) => {
    if (!worker) {
      worker = start();
      worker.addEventListener('message', (event: MessageEvent<HighlightAnswer>) => {
        waiting.get(event.data.id)?.(event.data.tokens);
        waiting.delete(event.data.id);
      });
    }
    const id = nextId++;
    const answer = new Promise<Token[] | undefined>((resolve) => waiting.set(id, resolve));
    worker.postMessage({ id, code, language } satisfies HighlightRequest);
    return answer;
  };
  return {
    highlight(code, language) {
      if (language === '' || code.length > MAX_CODE_LENGTH) return Promise.resolve(undefined);
      const key = `${language}\n${code}`;
      const known = answers.get(key);
      if (known) return known;
      const answer = ask(code, language);
      answers.set(key, answer);
      const oldest = answers.keys().next().value;
      if (answers.size > MAX_KEPT && oldest !== undefined) answers.delete(oldest);
      return answer;
    },
  };
}
