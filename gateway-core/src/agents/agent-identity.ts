// Who an agent is to people: from the config, else from its IDENTITY.md.
import path from 'node:path';
import type { OpenClawConfig } from '../config/index.js';
import { readTextIfExists, writeTextDurably } from '../shared/json-file.js';
import { listAgents } from './agent-list.js';

export interface AgentIdentity {
  agentId: string;
  name: string;
  avatar: string;
  emoji?: string;
}

export type IdentityFields = Partial<Record<'name' | 'emoji' | 'avatar', string>>;

const FALLBACK = { name: 'Assistant', avatar: 'A' } as const;
const LABELS = { name: 'Name', emoji: 'Emoji', avatar: 'Avatar' } as const;
const FILE = 'IDENTITY.md';

function fieldLine(label: string): RegExp {
  return new RegExp(`^[ \\t]*[-*][ \\t]*\\**${label}:?\\**:?[ \\t]*(.*)$`, 'im');
}

/** Pure: the fields that are filled in. */
export function parseIdentity(text: string): IdentityFields {
  const fields: IdentityFields = {};
  for (const key of ['name', 'emoji', 'avatar'] as const) {
    const value = fieldLine(LABELS[key]).exec(text)?.[1]?.trim();
    // Templates explain a field in brackets until somebody fills it in.
    if (value && !/^[_*]?\(.*\)[_*]?$/.test(value)) fields[key] = value;
  }
  return fields;
}

/** Pure: the text with these fields, in their lines where there are some, else at the end. */
export function withIdentity(text: string, fields: IdentityFields): string {
  let next = text;
  for (const key of ['name', 'emoji', 'avatar'] as const) {
    const value = fields[key]?.replace(/\s+/g, ' ').trim();
    if (!value) continue;
    const line = `- ${LABELS[key]}: ${value}`;
    const pattern = fieldLine(LABELS[key]);
    next = pattern.test(next) ? next.replace(pattern, () => line) : `${next.trimEnd()}\n${line}\n`;
  }
  return next;
}

/** Writes fields into the IDENTITY.md of a workspace. */
export async function saveIdentity(workspace: string, fields: IdentityFields): Promise<void> {
  const file = path.join(workspace, FILE);
  await writeTextDurably(file, withIdentity((await readTextIfExists(file)) ?? '# Who you are\n\n', fields));
}

/** The identity of an agent; `Assistant` with an A when nobody gave it one. */
export async function readIdentity(config: OpenClawConfig, agentId: string, workspace: string): Promise<AgentIdentity> {
  const agent = listAgents(config).find(({ id }) => id === agentId);
  const set = agent?.config?.identity;
  const written = parseIdentity((await readTextIfExists(path.join(workspace, FILE))) ?? '');
  const emoji = set?.emoji ?? written.emoji;
  return {
    agentId,
    name: set?.name ?? agent?.name ?? written.name ?? FALLBACK.name,
    avatar: set?.avatar ?? written.avatar ?? emoji ?? FALLBACK.avatar,
    ...(emoji !== undefined && { emoji }),
  };
}
