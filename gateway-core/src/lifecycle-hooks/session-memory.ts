// The hook session-memory: the end of a conversation becomes a file that the next one can find.
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { dayName } from '../config/index.js';
import { AppError } from '../shared/app-error.js';
import { shortLine } from '../shared/front-matter.js';
import { writeTextDurably } from '../shared/json-file.js';
import type { BundledHookContext } from './bundled-hook.js';
import type { LifecycleEvent, SaidMessage } from './lifecycle-events.js';

const MESSAGES = { usual: 15, most: 100 } as const;
const MESSAGE_CHARS = 600;
const SLUG_CHARS = 40;
const MAX_NAMES = 100;

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;

function timeName(atMs: number): string {
  const date = new Date(atMs);
  return [date.getHours(), date.getMinutes()].map((value) => String(value).padStart(2, '0')).join('');
}

/** A few words of the first thing the user said, for a file name; the time where there are none. */
export function slugOf(messages: readonly SaidMessage[], atMs: number): string {
  const first = messages.find(({ role }) => role === 'user')?.text ?? '';
  const plain = first.slice(0, 500).normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  let slug = '';
  for (const word of plain.match(/[a-z0-9]+/g) ?? []) {
    if (slug.length + word.length + 1 > SLUG_CHARS) break;
    slug = slug === '' ? word : `${slug}-${word}`;
  }
  return slug === '' ? timeName(atMs) : slug;
}

/** The text of the file; every message is one line. */
export function sessionNote(event: LifecycleEvent, messages: readonly SaidMessage[], atMs: number): string {
  const time = timeName(atMs);
  return [
    `# Conversation that ended ${dayName(atMs)} ${time.slice(0, 2)}:${time.slice(2)}`,
    '',
    ...(event.sessionKey ? [`- Conversation: ${shortLine(event.sessionKey, 300)}`] : []),
    ...(event.channel ? [`- Channel: ${shortLine(event.channel, 100)}`] : []),
    `- Ended by: ${event.name}`,
    '',
    '## Last messages',
    '',
    ...messages.map(({ role, text }) => `- ${role === 'user' ? 'User' : 'Agent'}: ${shortLine(text, MESSAGE_CHARS)}`),
    '',
  ].join('\n');
}

/** The memory folder, which must not lead out of the workspace; it need not exist yet. */
async function memoryFolder(workspaceDir: string): Promise<string> {
  const root = await realpath(workspaceDir);
  const folder = path.join(root, 'memory');
  const real = await realpath(folder).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return folder;
    throw error;
  });
  if (real === root || !real.startsWith(root + path.sep)) {
    throw new AppError('tool.path_outside', { message: 'memory/ leads out of the workspace.' });
  }
  return real;
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function freeName(folder: string, name: string): Promise<string> {
  for (let count = 1; count < MAX_NAMES; count += 1) {
    const file = path.join(folder, count === 1 ? `${name}.md` : `${name}-${count}.md`);
    if (!(await exists(file))) return file;
  }
  throw new AppError('state.unwritable', { message: `There are ${MAX_NAMES} notes named ${name} already.` });
}

/** Writes memory/<date>-<words>.md, whole or not at all; nothing for a conversation without words. */
export async function saveSession(
  event: LifecycleEvent,
  { atMs, workspaceDir, settings }: Pick<BundledHookContext, 'atMs' | 'workspaceDir' | 'settings'>,
): Promise<void> {
  const wanted = typeof settings.messages === 'number' ? settings.messages : MESSAGES.usual;
  const count = Math.min(Math.max(Math.floor(wanted), 1), MESSAGES.most);
  const messages = (event.said ?? []).slice(-count).filter(({ text }) => text.trim() !== '');
  if (!messages.some(({ role }) => role === 'user')) return;
  const folder = await memoryFolder(workspaceDir);
  const file = await freeName(folder, `${dayName(atMs)}-${slugOf(messages, atMs)}`);
  await writeTextDurably(file, sessionNote(event, messages, atMs));
}
