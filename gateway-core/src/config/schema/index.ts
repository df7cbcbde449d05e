// The whole config, section by section. A section's schema is built when it is first asked for.
import type { Static, TSchema } from 'typebox';
import { agentsSection } from './agents.js';
import { cronSection, hooksSection } from './automation.js';
import { text } from './fields.js';
import { gatewaySection } from './gateway.js';
import { memorySection } from './memory.js';
import { authSection, modelsSection, secretsSection } from './models.js';
import { bindingsSection, broadcastSection, sessionSection } from './session.js';
import {
  audioSection,
  browserSection,
  canvasHostSection,
  channelsSection,
  commandsSection,
  mcpSection,
  mediaSection,
  messagesSection,
  talkSection,
  uiSection,
  webSection,
} from './surfaces.js';
import {
  acpSection,
  approvalsSection,
  cliSection,
  diagnosticsSection,
  discoverySection,
  envSection,
  loggingSection,
  metaSection,
  nodeHostSection,
  pluginsSection,
  skillsSection,
  updateSection,
  wizardSection,
} from './system.js';
import { toolsSection } from './tools.js';

export const SECTIONS = {
  $schema: text,
  meta: metaSection,
  env: envSection,
  wizard: wizardSection,
  diagnostics: diagnosticsSection,
  logging: loggingSection,
  cli: cliSection,
  update: updateSection,
  browser: browserSection,
  ui: uiSection,
  secrets: secretsSection,
  auth: authSection,
  acp: acpSection,
  models: modelsSection,
  nodeHost: nodeHostSection,
  agents: agentsSection,
  tools: toolsSection,
  bindings: bindingsSection,
  broadcast: broadcastSection,
  audio: audioSection,
  media: mediaSection,
  messages: messagesSection,
  commands: commandsSection,
  approvals: approvalsSection,
  session: sessionSection,
  cron: cronSection,
  hooks: hooksSection,
  web: webSection,
  channels: channelsSection,
  discovery: discoverySection,
  canvasHost: canvasHostSection,
  talk: talkSection,
  gateway: gatewaySection,
  memory: memorySection,
  skills: skillsSection,
  plugins: pluginsSection,
  mcp: mcpSection,
} satisfies Record<string, () => TSchema>;

export type SectionName = keyof typeof SECTIONS;

/** The config in memory: every section may be absent, secrets are resolved to text. */
export type ConfigShape = { -readonly [K in SectionName]?: Static<ReturnType<(typeof SECTIONS)[K]>> };

const built = new Map<string, TSchema>();

/** The schema of one section, or undefined when there is no such section. */
export function sectionSchema(name: string): TSchema | undefined {
  const known = built.get(name);
  if (known) return known;
  if (!Object.hasOwn(SECTIONS, name)) return undefined;
  const schema = SECTIONS[name as SectionName]();
  built.set(name, schema);
  return schema;
}

export const SECTION_NAMES = Object.keys(SECTIONS) as SectionName[];
