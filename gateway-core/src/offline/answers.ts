// Pure: the words of the offline assistant.
import type { Citation, ModelEntry } from '../protocol/index.js';
import { passageUri } from './chunk-markdown.js';
import type { FoundFile } from './find-files.js';
import { pickQuote, showQuote } from './quote.js';
import type { Hit } from './text-index.js';
import type { StatusFact } from './types.js';

export interface Answer {
  text: string;
  citations: Citation[];
}

export const COMMANDS: ReadonlyArray<{ name: string; usage: string; does: string }> = [
  { name: 'help', usage: '/help', does: 'shows this list' },
  { name: 'docs', usage: '/docs <words>', does: 'searches the documentation only' },
  { name: 'files', usage: '/files', does: 'lists the workspace files I can quote' },
  { name: 'tools', usage: '/tools', does: 'lists the tools I can run for you' },
  { name: 'status', usage: '/status', does: 'says how the gateway is doing' },
  { name: 'model', usage: '/model', does: 'says which model answers and how to choose another' },
];

const WHAT_I_AM =
  'I am the offline assistant. I am not a language model: I look things up in the documentation and in your ' +
  'workspace files, and quote what I find.';

const HOW_TO_GET_A_MODEL =
  'To talk with a language model, add a provider to the config (`models.providers`), or set its key in the ' +
  'environment, for example `ANTHROPIC_API_KEY` or `OPENAI_API_KEY`. For Ollama, choose a model such as ' +
  '`ollama/llama3.2`; it needs no key.';

const plain = (text: string): Answer => ({ text, citations: [] });
const commandList = (): string => COMMANDS.map(({ usage, does }) => `- \`${usage}\` ${does}`).join('\n');

/** `tools` is the part about tools. */
export function helpAnswer(tools: string): Answer {
  const commands = `Ask in your own words, or use a command:\n\n${commandList()}`;
  return plain([WHAT_I_AM, commands, tools, HOW_TO_GET_A_MODEL].join('\n\n'));
}

function exampleLines(topics: string[]): string {
  if (topics.length === 0) return 'Ask me something, or send `/help`.';
  return `You could ask about:\n\n${topics.map((topic) => `- ${topic}`).join('\n')}\n\nSend \`/help\` for what else I do.`;
}

/** `topics` are headings that exist, so that a suggestion never leads nowhere. */
export function greetingAnswer(topics: string[]): Answer {
  return plain(`Hello. ${WHAT_I_AM}\n\n${exampleLines(topics)}`);
}

export function thanksAnswer(): Answer {
  return plain('Gladly. Ask on, or send `/help`.');
}

export function noTextAnswer(): Answer {
  return plain('I read text only, and this message has none. Write what you want to know, or send `/help`.');
}

export function unknownCommandAnswer(name: string): Answer {
  return plain(`I do not know the command \`/${name}\`. These I know:\n\n${commandList()}`);
}

export function docsUsageAnswer(): Answer {
  return plain('Write what to look for behind the command, for example `/docs models`.');
}

export function statusAnswer(facts: StatusFact[]): Answer {
  const rows = facts.map(({ label, value }) => `- ${label}: ${value}`);
  return plain(['The offline assistant answers here.', '', ...rows, '- Model: offline/assistant'].join('\n'));
}

export function modelAnswer(models: ModelEntry[]): Answer {
  const others = models.filter(({ provider }) => provider !== 'offline').slice(0, 20);
  const list = others.map(({ provider, id, name }) => `- \`${provider}/${id}\` ${name === id ? '' : name}`.trimEnd());
  const choice =
    others.length > 0
      ? `These models are set up; choose one in the chat or in the config (\`agents.defaults.model\`):\n\n${list.join('\n')}`
      : HOW_TO_GET_A_MODEL;
  return plain(`\`offline/assistant\` answers here. ${WHAT_I_AM}\n\n${choice}`);
}

function fileSize(sizeBytes: number): string {
  return sizeBytes < 1024 ? `${sizeBytes} B` : `${Math.round(sizeBytes / 1024)} kB`;
}

const MAX_LISTED = 50;

export function filesAnswer(files: FoundFile[]): Answer {
  if (files.length === 0) return plain('Your workspace has no text files that I can quote (Markdown or plain text).');
  const rows = files
    .slice(0, MAX_LISTED)
    .map(({ file, sizeBytes }) => `- \`${file.replaceAll('`', "'")}\` (${fileSize(sizeBytes)})`);
  const rest = files.length > MAX_LISTED ? `\n\nAnd ${files.length - MAX_LISTED} more.` : '';
  const count = files.length === 1 ? 'one text file' : `${files.length} text files`;
  return plain(`Your workspace has ${count} that I can quote:\n\n${rows.join('\n')}${rest}`);
}

/** Takes the markup off a heading that comes from a file. */
const label = (text: string): string => text.replace(/[[\]<>`*_|\\]/g, '').trim();

function citationOf(hit: Hit, index: number, terms: string[]): Citation {
  const { passage } = hit;
  const title = [passage.title, passage.heading].map(label).filter(Boolean).join(' › ');
  return { index, title, uri: passageUri(passage), quote: pickQuote(passage.text, terms) };
}

const sourceName = (hit: Hit): string =>
  hit.passage.source === 'docs' ? 'documentation' : `your file \`${hit.passage.file.replaceAll('`', "'")}\``;

/** Quotes of the best passages with their sources; every citation is used in the text. */
export function quotedAnswer(hits: Hit[], terms: string[]): Answer {
  const citations = hits.map((hit, at) => citationOf(hit, at + 1, terms));
  const parts = citations.map(({ index, title, quote }, at) => {
    const hit = hits[at];
    const where = hit ? sourceName(hit) : '';
    return `**${title}** (${where}) [${index}]\n\n${showQuote(quote)}`;
  });
  const lead = hits.length === 1 ? 'I found one passage about that:' : `I found ${hits.length} passages about that:`;
  const footer = 'These are quotes, not my own words: I am the offline assistant, no language model.';
  return { text: [lead, ...parts, footer].join('\n\n'), citations };
}

/** The honest answer when nothing fits; `near` shares a word with the question, `topics` are what there is at all. */
export function nothingAnswer({ near, topics, where }: { near: string[]; topics: string[]; where: string }): Answer {
  const lead = `I found nothing about that in ${where}.`;
  const list = (items: string[]): string => items.map((item) => `- ${item}`).join('\n');
  let close = '';
  if (near.length > 0) close = `\n\nThe closest topics are:\n\n${list(near)}`;
  else if (topics.length > 0) close = `\n\nThere is something about:\n\n${list(topics)}`;
  const advice = 'Try other words, or send `/help`. I only look things up; a language model could do more.';
  return plain(`${lead}${close}\n\n${advice}`);
}

/** A heading as a topic to suggest. */
export function topicOf({ passage }: Hit): string {
  return label(passage.heading.split(' › ').at(-1) || passage.title);
}
