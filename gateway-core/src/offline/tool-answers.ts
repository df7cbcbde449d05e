// Pure: the words of the offline assistant about tools.
import type { ModelTool } from '../models/index.js';
import { type Message, messageText } from '../protocol/index.js';
import { mainParameter, requiredNames, toolUsage } from './tool-schema.js';
import type { Unclear } from './tool-wish.js';

const MAX_OUTPUT_CHARS = 4_000;
const MAX_OUTPUT_LINES = 80;
const MAX_NEWS = 8;
const MAX_NEWS_CHARS = 600;
const MAX_SAID_CHARS = 100;

const WHERE_TO_CHANGE =
  'Which tools this agent may use is set in Settings → Agents → Tools. `openclaw sandbox explain` shows what decides.';

/** As code within a line; nothing in it can end that. */
const code = (text: string): string => `\`${text.replaceAll('`', "'").replace(/\s+/g, ' ')}\``;

/** As a block of code out of which nothing gets: neither Markdown nor HTML of it is shown as such. */
function block(text: string): string {
  const longest = (text.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 2);
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}

function firstSentence(text: string): string {
  const [line = ''] = text.trim().split('\n');
  const sentence = /^.*?[.!?](?=\s|$)/.exec(line)?.[0] ?? line;
  const cut = sentence.length > MAX_SAID_CHARS ? `${sentence.slice(0, MAX_SAID_CHARS - 1)}…` : sentence;
  // A server elsewhere may have written it.
  return cut.replace(/[[\]<>`*|\\!]/g, '').replaceAll('_', '\\_');
}

/** One line for each tool. */
export function toolList(tools: readonly ModelTool[]): string {
  return tools.map((tool) => `- ${code(toolUsage(tool))} ${firstSentence(tool.description)}`.trimEnd()).join('\n');
}

/** The part about tools for whoever asks what the assistant can do. */
export function toolsAnswer(tools: readonly ModelTool[]): string {
  if (tools.length === 0) return `This agent has no tools here. ${WHERE_TO_CHANGE}`;
  return (
    `I run a tool when your message begins with its name, one for each message:\n\n${toolList(tools)}\n\n` +
    'For more than one argument, write them as JSON behind the name: `tool read {"path": "README.md", "limit": 20}`.'
  );
}

function faultOf(tool: ModelTool, why: Unclear): string {
  const main = mainParameter(tool);
  const needed = requiredNames(tool).map(code).join(' and ');
  switch (why) {
    case 'json':
      return 'what stands behind its name is no JSON object that I can read.';
    case 'lines':
      return 'I take one line for it. Text of several lines must be written as JSON.';
    case 'invisible':
      return 'the message holds characters that cannot be seen, so it may not say what you read. Type it yourself.';
    case 'missing':
      return `it needs ${code(main?.name ?? '')}.`;
    case 'several':
      return needed === '' ? 'I cannot tell which of its arguments you mean.' : `it needs ${needed}.`;
    case 'choice':
      return `${code(main?.name ?? '')} must be one of ${(main?.choices ?? []).map(code).join(', ')}.`;
  }
}

export function unclearAnswer(tool: ModelTool, why: Unclear): string {
  const example =
    why === 'lines' ? `tool ${tool.name} {"${mainParameter(tool)?.name ?? '…'}": "first\\nsecond"}` : toolUsage(tool);
  return (
    `I understand that you want the tool ${code(tool.name)}, but ${faultOf(tool, why)} I ran nothing.\n\n` +
    `Write it like this:\n\n${block(example)}`
  );
}

/** Added to an answer, when the question could have been a call. */
export function maybeHint(name: string, line: string): string {
  return `I took this for a question. To run the tool ${code(name)} instead, write:\n\n${block(line)}`;
}

export function refusedAnswer(name: string, why: 'noTools' | 'noPerson'): string {
  if (why === 'noTools') return `The tool ${code(name)} is not available to this agent. ${WHERE_TO_CHANGE}`;
  return (
    `This message names the tool ${code(name)}, and I did not run it: I run tools only for what a person writes in a ` +
    'conversation of their own.'
  );
}

interface Shown {
  text: string;
  left: number;
}

function cutOutput(text: string): Shown {
  const lines = text.split('\n').slice(0, MAX_OUTPUT_LINES).join('\n').slice(0, MAX_OUTPUT_CHARS);
  return { text: lines, left: text.length - lines.length };
}

function countImages({ content }: Message): number {
  return typeof content === 'string' ? 0 : content.filter(({ type }) => type === 'image').length;
}

function waitsForPerson({ details }: Message): boolean {
  return (
    typeof details === 'object' && details !== null && 'status' in details && details.status === 'approval-pending'
  );
}

function leadOf(message: Message, hasText: boolean): string {
  const name = code(message.toolName ?? '');
  if (waitsForPerson(message)) {
    return `${name} waits until you allow it. It starts by itself then; what became of it is told with your next message.`;
  }
  if (message.isError === true) return hasText ? `${name} did not work:` : `${name} did not work and does not say why.`;
  return hasText ? `${name} gave back:` : `${name} gave back no text.`;
}

function resultAnswer(message: Message): string {
  const { text, left } = cutOutput(messageText(message).trim());
  const images = countImages(message);
  const parts = [leadOf(message, text !== '')];
  if (text !== '') parts.push(block(text));
  if (left > 0) parts.push(`${left} more characters are left out here; the call above holds them.`);
  if (images > 0) {
    const what = images === 1 ? 'a picture' : `${images} pictures`;
    parts.push(`With it came ${what}, which I cannot look at; the call above shows it.`);
  }
  return parts.join('\n\n');
}

/** What a call gave, as it is: quoted, never read for anything to do. */
export function resultsAnswer(results: readonly Message[], isAvailable: boolean): string {
  const told = results.map(resultAnswer);
  return [...told, ...(isAvailable ? [] : [WHERE_TO_CHANGE])].join('\n\n');
}

/** Put in front of an answer. Empty without news. */
export function newsLead(lines: readonly string[]): string {
  if (lines.length === 0) return '';
  const shown = lines.slice(-MAX_NEWS).map((line) => line.slice(0, MAX_NEWS_CHARS));
  return `Meanwhile:\n\n${block(shown.join('\n'))}\n\n`;
}
