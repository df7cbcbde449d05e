// Pure: what a SKILL.md says, with every part checked and bounded; it may come from anybody.
import {
  asMap,
  asTexts,
  FrontMatterFault,
  type FrontMatterMap,
  type FrontMatterValue,
  readFrontMatter,
  shortLine,
} from '../shared/front-matter.js';
import { type DownloadOption, readDownload } from './download-option.js';

/** Everything a skill needs before it can be used. */
export interface SkillRequirements {
  bins: string[];
  /** One of these is enough. */
  anyBins: string[];
  env: string[];
  /** Paths of settings that must be on. */
  config: string[];
  /** `darwin`, `linux`, `win32`; empty for all. */
  os: string[];
}

export const INSTALL_KINDS = ['brew', 'node', 'go', 'uv', 'download'] as const;
export type InstallKind = (typeof INSTALL_KINDS)[number];

/** One way to install what a skill needs. */
export interface InstallOption {
  id: string;
  kind: InstallKind;
  label: string;
  /** Programs that are there afterwards. */
  bins: string[];
  os: string[];
  /** Formula, package or module; the address for `download`. */
  target: string;
  /** Of `download` only. */
  download?: DownloadOption;
}

export interface SkillFile {
  name: string;
  /** One line. */
  description: string;
  /** Name of its settings below skills.entries. */
  skillKey: string;
  emoji?: string;
  homepage?: string;
  /** Variable that gets skills.entries.<key>.apiKey. */
  primaryEnv?: string;
  /** Needs nothing but its operating system. */
  always: boolean;
  /** False for a skill that only people start. */
  isForModels: boolean;
  requires: SkillRequirements;
  install: InstallOption[];
}

const NAME = /^[A-Za-z0-9][\w.-]{0,63}$/;
const PROGRAM = /^[A-Za-z0-9_][\w.+-]{0,63}$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,99}$/;
const SETTING = /^[A-Za-z][\w-]*(\.[\w-]+){0,9}$/;
const MAX_DESCRIPTION = 1_024;
const MAX_LISTED = 32;

/** How a target of each kind is written; none can be taken for an option of its program, or for a path. */
const TARGETS: Readonly<Record<InstallKind, RegExp>> = {
  brew: /^[a-z0-9][\w.@+-]*(\/[a-z0-9][\w.@+-]*){0,2}$/i,
  node: /^(@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*(@[\w.^~-]+)?$/i,
  go: /^[a-z0-9][\w.-]*(\/[\w.~-]+)+(@[\w.-]+)?$/i,
  uv: /^[a-z0-9][\w.-]*(\[[\w,-]+\])?(==[\w.]+)?$/i,
  download: /^https:\/\/[^\s"'<>\\^`{|}]{4,1990}$/,
};
const TARGET_FIELDS: Readonly<Record<InstallKind, readonly string[]>> = {
  brew: ['formula'],
  node: ['package'],
  go: ['module', 'package'],
  uv: ['package'],
  download: ['url'],
};
const KIND_NAMES: Readonly<Record<InstallKind, string>> = {
  brew: 'brew',
  node: 'npm',
  go: 'go',
  uv: 'uv',
  download: 'download',
};

/** True for a name under which skills.entries may hold settings. */
export function isSkillKey(text: string): boolean {
  return NAME.test(text) && !['__proto__', 'constructor', 'prototype'].includes(text);
}

const matching = (value: FrontMatterValue | undefined, pattern: RegExp): string[] =>
  asTexts(value)
    .map((text) => text.trim())
    .filter((text) => pattern.test(text))
    .slice(0, MAX_LISTED);

const OS_NAMES: Readonly<Record<string, string>> = { macos: 'darwin', windows: 'win32' };
const systems = (value: FrontMatterValue | undefined): string[] =>
  matching(value, /^[a-z0-9]{2,20}$/i).map((name) => OS_NAMES[name.toLowerCase()] ?? name.toLowerCase());

function installOption(value: FrontMatterValue): InstallOption | undefined {
  const map = asMap(value);
  const kind = INSTALL_KINDS.find((known) => known === map.kind);
  if (!kind) return undefined;
  const target = TARGET_FIELDS[kind].map((field) => shortLine(map[field], 2_000)).find((text) => text !== '') ?? '';
  if (!TARGETS[kind].test(target)) return undefined;
  const id = shortLine(map.id, 64) || kind;
  if (!NAME.test(id)) return undefined;
  const download = kind === 'download' ? readDownload(map, target) : undefined;
  if (kind === 'download' && !download) return undefined;
  return {
    id,
    kind,
    label: shortLine(map.label, 120) || `Install ${shortLine(target, 80)} (${KIND_NAMES[kind]})`,
    bins: matching(map.bins, PROGRAM),
    os: systems(map.os),
    target,
    ...(download && { download }),
  };
}

function installOptions(value: FrontMatterValue | undefined): InstallOption[] {
  const options = (Array.isArray(value) ? value : []).slice(0, MAX_LISTED).map(installOption);
  const seen = new Set<string>();
  return options.filter((option) => option !== undefined).filter(({ id }) => !seen.has(id) && seen.add(id));
}

/** `metadata.openclaw`; some write the metadata as JSON in quotes. */
function metadataOf({ metadata }: FrontMatterMap): FrontMatterMap {
  if (typeof metadata !== 'string') return asMap(asMap(metadata).openclaw);
  try {
    return asMap(asMap(JSON.parse(metadata) as FrontMatterValue).openclaw);
  } catch (error) {
    if (error instanceof SyntaxError) throw new FrontMatterFault('metadata is text, but no JSON');
    throw error;
  }
}

function requirements(meta: FrontMatterMap): SkillRequirements {
  const requires = asMap(meta.requires);
  return {
    bins: matching(requires.bins, PROGRAM),
    anyBins: matching(requires.anyBins, PROGRAM),
    env: matching(requires.env, VARIABLE),
    config: matching(requires.config, SETTING),
    os: systems(meta.os),
  };
}

function webAddress(...values: Array<FrontMatterValue | undefined>): string | undefined {
  return values.map((value) => shortLine(value, 500)).find((text) => /^https?:\/\/[^\s"'<>]+$/.test(text));
}

const EMOJI = /^\p{Extended_Pictographic}(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\u200d|\ufe0f)*$/u;
const isEmoji = (value: FrontMatterValue | undefined): value is string =>
  typeof value === 'string' && value.length <= 16 && EMOJI.test(value);

/** Reads a skill. Throws FrontMatterFault; parts that make no sense by themselves are left out. */
export function parseSkillFile(text: string, folderName: string): SkillFile {
  const { fields } = readFrontMatter(text);
  const name = typeof fields.name === 'string' ? fields.name.trim() : folderName;
  if (!isSkillKey(name)) throw new FrontMatterFault('name must be up to 64 letters, digits, dots and dashes');
  const description = shortLine(fields.description, MAX_DESCRIPTION);
  if (description === '') throw new FrontMatterFault('description is missing: when is this skill of use?');
  const meta = metadataOf(fields);
  const homepage = webAddress(fields.homepage, meta.homepage);
  const [primaryEnv] = matching(meta.primaryEnv, VARIABLE);
  const key = typeof meta.skillKey === 'string' ? meta.skillKey.trim() : name;
  return {
    name,
    description,
    skillKey: isSkillKey(key) ? key : name,
    ...(isEmoji(meta.emoji) && { emoji: meta.emoji }),
    ...(homepage !== undefined && { homepage }),
    ...(primaryEnv !== undefined && { primaryEnv }),
    always: meta.always === true,
    isForModels: fields['disable-model-invocation'] !== true,
    requires: requirements(meta),
    install: installOptions(meta.install),
  };
}
