// Pure: which command-line programs may answer instead of a model, and how each is spoken to.
import type { OpenClawConfig } from '../../config/index.js';

export type CliOutput = 'json' | 'jsonl' | 'text';

/** A program with everything the config left open filled in. */
export interface CliBackend {
  /** What stands before the slash in a model reference. */
  id: string;
  command: string;
  args: readonly string[];
  /** In place of `args` when an earlier session of the program is continued; `{sessionId}` is replaced. */
  resumeArgs?: readonly string[];
  output: CliOutput;
  resumeOutput: CliOutput;
  input: 'arg' | 'stdin';
  /** A longer prompt goes to the standard input even with `input: "arg"`. */
  maxPromptArgChars: number;
  env: Readonly<Record<string, string>>;
  clearEnv: readonly string[];
  modelArg?: string;
  modelAliases: Readonly<Record<string, string>>;
  sessionArg?: string;
  sessionArgs?: readonly string[];
  sessionMode: 'always' | 'existing' | 'none';
  sessionIdFields: readonly string[];
  systemPromptArg?: string;
  systemPromptFileArg?: string;
  systemPromptFileConfigArg?: string;
  systemPromptFileConfigKey?: string;
  systemPromptWhen: 'first' | 'always' | 'never';
  /** One call at a time per conversation. */
  serialize: boolean;
  /** Longest silence in milliseconds, by kind of start; no limit but the whole time when absent. */
  silenceMs: { fresh?: number; resume?: number };
  /** What to do when nobody is signed in to the program. */
  signIn: string;
}

type CliBackendConfig = NonNullable<
  NonNullable<NonNullable<OpenClawConfig['agents']>['defaults']>['cliBackends']
>[string];

/** The model id that leaves the choice to the program. */
export const PROGRAM_CHOICE = 'default';

const SESSION_FIELDS = ['session_id', 'sessionId', 'conversation_id', 'conversationId', 'thread_id', 'threadId'];
/** Far below what the systems allow for one argument. */
const MAX_ARG_CHARS = 30_000;

// Text only: its own tools and servers would act past our policy.
const CLAUDE_ARGS = ['-p', '--output-format', 'json', '--tools', '', '--strict-mcp-config'];
const CODEX_ARGS = [
  ...['exec', '--json', '--color', 'never', '--sandbox', 'read-only', '--skip-git-repo-check'],
  // Even a shell that may only read could read what the owner keeps from the conversation.
  ...[
    'features.shell_tool=false',
    'features.unified_exec=false',
    'features.apps=false',
    'web_search="disabled"',
  ].flatMap((setting) => ['-c', setting]),
];

const BUILT_IN: Readonly<Record<string, CliBackendConfig & { signIn: string; models: string[] }>> = {
  'claude-cli': {
    command: 'claude',
    args: CLAUDE_ARGS,
    resumeArgs: [...CLAUDE_ARGS, '--resume', '{sessionId}'],
    output: 'json',
    input: 'stdin',
    modelArg: '--model',
    sessionMode: 'existing',
    // Arguments can be read by everybody on the computer, and the system prompt holds the agent's memory.
    systemPromptFileArg: '--append-system-prompt-file',
    // It builds its system prompt anew with every start.
    systemPromptWhen: 'always',
    signIn: 'Run `claude` in a terminal, as the user the gateway runs as, and sign in with /login.',
    models: ['opus', 'sonnet', 'haiku'],
  },
  'codex-cli': {
    command: 'codex',
    // The dash: the prompt comes through the standard input.
    args: [...CODEX_ARGS, '-'],
    resumeArgs: [...CODEX_ARGS, 'resume', '{sessionId}', '-'],
    output: 'jsonl',
    input: 'stdin',
    modelArg: '--model',
    sessionMode: 'existing',
    signIn: 'Run `codex login` in a terminal, as the user the gateway runs as.',
    models: [PROGRAM_CHOICE],
  },
};

function silenceMs(reliability: Record<string, unknown> | undefined): CliBackend['silenceMs'] {
  const watchdog = reliability?.watchdog as Record<string, { noOutputTimeoutMs?: unknown }> | undefined;
  const read = (value: unknown) => (typeof value === 'number' && value > 0 ? value : undefined);
  return { fresh: read(watchdog?.fresh?.noOutputTimeoutMs), resume: read(watchdog?.resume?.noOutputTimeoutMs) };
}

function filledIn(id: string, written: CliBackendConfig | undefined): CliBackend | undefined {
  const builtIn = Object.hasOwn(BUILT_IN, id) ? BUILT_IN[id] : undefined;
  const merged = { ...builtIn, ...written };
  // Who says how the system prompt is passed on replaces our way of doing it.
  const ownWay = written?.systemPromptArg !== undefined && written.systemPromptFileArg === undefined;
  if (ownWay) merged.systemPromptFileArg = undefined;
  const command = merged.command?.trim();
  if (!command) return undefined;
  const takesSession = merged.sessionArg !== undefined || merged.sessionArgs !== undefined;
  const output = merged.output ?? 'json';
  return {
    id,
    command,
    args: merged.args ?? [],
    resumeArgs: merged.resumeArgs,
    output,
    resumeOutput: merged.resumeOutput ?? output,
    input: merged.input ?? 'arg',
    maxPromptArgChars: merged.maxPromptArgChars ?? MAX_ARG_CHARS,
    env: merged.env ?? {},
    clearEnv: merged.clearEnv ?? [],
    modelArg: merged.modelArg,
    modelAliases: merged.modelAliases ?? {},
    sessionArg: merged.sessionArg,
    sessionArgs: merged.sessionArgs,
    sessionMode: merged.sessionMode ?? (takesSession ? 'always' : 'existing'),
    sessionIdFields: merged.sessionIdFields ?? SESSION_FIELDS,
    systemPromptArg: merged.systemPromptArg,
    systemPromptFileArg: merged.systemPromptFileArg,
    systemPromptFileConfigArg: merged.systemPromptFileConfigArg,
    systemPromptFileConfigKey: merged.systemPromptFileConfigKey,
    systemPromptWhen: merged.systemPromptWhen ?? 'first',
    serialize: merged.serialize ?? true,
    silenceMs: silenceMs(merged.reliability),
    signIn: builtIn?.signIn ?? `Run \`${command}\` in a terminal, as the user the gateway runs as, and sign in.`,
  };
}

/** Every model reference that the config makes, in its order. */
function referencesIn({ agents }: OpenClawConfig): string[] {
  const selections = [agents?.defaults?.model, ...(agents?.list ?? []).map(({ model }) => model)];
  const chosen = selections.flatMap((selection) =>
    typeof selection === 'string' ? [selection] : [selection?.primary ?? '', ...(selection?.fallbacks ?? [])],
  );
  return [...chosen, ...Object.keys(agents?.defaults?.models ?? {})].map((ref) => ref.trim());
}

function modelsOf(id: string, written: CliBackendConfig | undefined, references: string[]): string[] {
  const prefix = `${id}/`;
  const referenced = references
    .filter((ref) => ref.toLowerCase().startsWith(prefix))
    .map((ref) => ref.slice(prefix.length));
  if (!written) return [...new Set(referenced)].filter(Boolean);
  const offered = [...Object.keys(written.modelAliases ?? {}), ...(BUILT_IN[id]?.models ?? [])];
  const all = [...referenced, ...(offered.length > 0 ? offered : [PROGRAM_CHOICE])];
  return [...new Set(all)].filter(Boolean);
}

export interface KnownBackend {
  backend: CliBackend;
  /** Configured, or named by a model reference of the config: only then it is listed. */
  isInUse: boolean;
  /** Model ids for choosing. */
  models: string[];
}

/** The programs of `agents.defaults.cliBackends` and the built-in ones; ids in lower case. */
export function readCliBackends(config: OpenClawConfig): KnownBackend[] {
  const written = new Map(
    Object.entries(config.agents?.defaults?.cliBackends ?? {}).map(([id, row]) => [id.trim().toLowerCase(), row]),
  );
  const references = referencesIn(config);
  return [...new Set([...written.keys(), ...Object.keys(BUILT_IN)])].flatMap((id) => {
    const backend = filledIn(id, written.get(id));
    if (!backend) return [];
    const models = modelsOf(id, written.get(id), references);
    return [{ backend, models, isInUse: models.length > 0 }];
  });
}
