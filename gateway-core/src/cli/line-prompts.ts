// Prompts over a readline: what is typed ahead is kept for the next question.
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { cancelled, type Prompts } from './prompts.js';

/** Opens prompts; `close` gives the input back. The end of the input and Ctrl-C cancel the open question. */
export function openLinePrompts(input: Readable, output: Writable & { isTTY?: boolean }): Prompts {
  const readline = createInterface({ input, output, terminal: output.isTTY === true });
  const typed: string[] = [];
  let isOver = false;
  let waiting: { resolve: (line: string) => void; reject: (error: unknown) => void } | undefined;
  readline.on('SIGINT', () => readline.close());
  readline.on('line', (line) => {
    const asked = waiting;
    waiting = undefined;
    if (asked) asked.resolve(line.trim());
    else typed.push(line.trim());
  });
  readline.on('close', () => {
    isOver = true;
    waiting?.reject(cancelled());
  });
  return {
    line(question) {
      readline.setPrompt(question);
      if (!isOver) readline.prompt();
      const ahead = typed.shift();
      if (ahead !== undefined) return Promise.resolve(ahead);
      if (isOver) return Promise.reject(cancelled());
      return new Promise((resolve, reject) => (waiting = { resolve, reject }));
    },
    say: (text) => void output.write(`${text}\n`),
    close: () => readline.close(),
  };
}
