// Pure: whether words are a sentence about something, or could be a command, a path, a search.

/** Words that go on about a tool when they stand right behind its name. */
const ABOUT_IT = new Set(
  `am and are as because but by can can't cannot could did didn't do does doesn't don't error errors fail failed fails
  for from gives had has have in is isn't never not of on or returns says should than to tool tools versus vs was
  wasn't were will with without won't work works would`.split(/\s+/),
);
const ASKING = new Set(['how', 'what', 'when', 'where', 'which', 'who', 'whose', 'why']);
/** Further words of sentences, which commands and paths do not have. */
const SMALL_WORDS = new Set('a an i it my our please that the then these this those you your'.split(' '));

const wordOf = (text: string): string => text.toLowerCase().replace(/[.,;:!?]+$/, '');
const firstWord = (text: string): string => wordOf(/^\S+/.exec(text)?.[0] ?? '');

/** True for a text with words that commands, paths and searches rarely have, or with a question mark at its end. */
export function isSentence(text: string): boolean {
  if (text.endsWith('?')) return true;
  return text.split(/\s+/).some((part) => [ABOUT_IT, ASKING, SMALL_WORDS].some((words) => words.has(wordOf(part))));
}

/** True for words that go on about what stands before them: "is broken", "in the sandbox". */
export function goesOn(text: string): boolean {
  return ABOUT_IT.has(firstWord(text));
}

/** True for a question that begins with its question word. */
export function asks(text: string): boolean {
  return text.endsWith('?') && ASKING.has(firstWord(text));
}

/** What may stand in a text although it is not seen: line breaks, and the joiners of some scripts and emoji. */
const HARMLESS = new Set(['\n', '\r', '\t', '\u200c', '\u200d']);

/** True when a text holds characters that are not seen, or that turn round what is seen. */
export function hidesSomething(text: string): boolean {
  return (text.match(/[\p{Cc}\p{Cf}]/gu) ?? []).some((character) => !HARMLESS.has(character));
}
