// Questions to a person at a terminal: one line, a choice, yes or no.
import { AppError } from '../shared/app-error.js';

export interface Prompts {
  /** The next line that is typed, without spaces around it. Throws AppError request.cancelled at the end of the input. */
  line(question: string): Promise<string>;
  /** Says something between two questions. */
  say(text: string): void;
  close(): void;
}

/** What a command throws when the person leaves in the middle. */
export function cancelled(): AppError {
  return new AppError('request.cancelled');
}

/** One line; `fallback` for an empty one. Asks again until `fault` finds nothing wrong with the answer. */
export async function askText(
  prompts: Prompts,
  question: string,
  options: { fallback?: string; fault?: (answer: string) => string | undefined } = {},
): Promise<string> {
  const { fallback, fault } = options;
  for (;;) {
    const typed = await prompts.line(fallback === undefined ? `${question}: ` : `${question} [${fallback}]: `);
    const answer = typed || (fallback ?? '');
    const wrong = answer === '' ? 'Type an answer.' : fault?.(answer);
    if (wrong === undefined) return answer;
    prompts.say(wrong);
  }
}

/** The value of the option that is chosen by its number; the first one for an empty line. */
export async function askChoice<T>(
  prompts: Prompts,
  question: string,
  options: ReadonlyArray<{ label: string; value: T }>,
): Promise<T> {
  prompts.say(question);
  options.forEach(({ label }, at) => prompts.say(`  ${at + 1}) ${label}`));
  for (;;) {
    const typed = await prompts.line('Number [1]: ');
    const chosen = options[typed === '' ? 0 : Number(typed) - 1];
    if (chosen && /^\d*$/.test(typed)) return chosen.value;
    prompts.say(`Type a number from 1 to ${options.length}.`);
  }
}

/** Yes or no; `fallback` for an empty line. */
export async function askYesNo(prompts: Prompts, question: string, fallback: boolean): Promise<boolean> {
  for (;;) {
    const typed = (await prompts.line(`${question} ${fallback ? '[Y/n]' : '[y/N]'} `)).toLowerCase();
    if (typed === '') return fallback;
    if (['y', 'yes'].includes(typed)) return true;
    if (['n', 'no'].includes(typed)) return false;
    prompts.say('Type y or n.');
  }
}
