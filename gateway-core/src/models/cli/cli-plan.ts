// Pure: one call of a command-line program as a list of arguments. No text of a conversation ever meets a shell.
import { type CliBackend, type CliOutput, PROGRAM_CHOICE } from './cli-backends.js';

export interface CliCall {
  backend: CliBackend;
  model: string;
  /** What to say when the program knows nothing of the conversation. */
  prompt: string;
  /** What to say when it continues `storedId`. */
  resumed?: { sessionId: string; prompt: string };
  system?: string;
  /** The id of a session that begins, for programs that are told one. */
  newSessionId: string;
  /** Where the system prompt is put for programs that read it from a file. */
  systemFile: string;
}

export interface CliPlan {
  command: string;
  args: string[];
  /** Undefined: the standard input is empty. */
  stdin?: string;
  output: CliOutput;
  isResume: boolean;
  /** The session the program was told to use; one that it reports itself counts more. */
  sessionId?: string;
  /** To be written before the start, and removed after the end. */
  systemFile?: { path: string; text: string };
}

const SESSION_ID = /^[A-Za-z0-9][\w.:-]{0,199}$/;
const MODEL_ID = /^[A-Za-z0-9][\w.:/@+[\]-]{0,199}$/;

/** True for an id that can be an argument without being taken for an option. */
export const isSessionId = (id: string): boolean => SESSION_ID.test(id);

/** The same for a model; ids come from clients. */
export const isModelId = (id: string): boolean => MODEL_ID.test(id);

/** Text in the place of a value: a dash at its beginning would make it an option. */
const asValue = (text: string): string => (text.startsWith('-') ? ` ${text}` : text);

function sessionOf({ backend, resumed, newSessionId }: CliCall): string | undefined {
  if (backend.sessionMode === 'none') return undefined;
  if (resumed) return resumed.sessionId;
  const isTold = backend.sessionArg !== undefined || backend.sessionArgs !== undefined;
  return backend.sessionMode === 'always' && isTold ? newSessionId : undefined;
}

function canResume({ resumeArgs, sessionArg, sessionArgs, sessionMode }: CliBackend): boolean {
  return sessionMode !== 'none' && (resumeArgs ?? sessionArgs ?? sessionArg) !== undefined;
}

function baseArgs({ backend }: CliCall, isResume: boolean, sessionId: string | undefined): string[] {
  const filled = (args: readonly string[]) => args.map((arg) => arg.replaceAll('{sessionId}', sessionId ?? ''));
  if (isResume && backend.resumeArgs) return filled(backend.resumeArgs);
  if (sessionId === undefined) return [...backend.args];
  const told = backend.sessionArgs ? filled(backend.sessionArgs) : [backend.sessionArg ?? '', sessionId];
  return [...backend.args, ...told];
}

function modelArgs({ backend, model }: CliCall): string[] {
  if (backend.modelArg === undefined || model === PROGRAM_CHOICE) return [];
  return [backend.modelArg, backend.modelAliases[model] ?? model];
}

interface SystemPart {
  args: string[];
  file?: CliPlan['systemFile'];
  /** For programs that know no system prompt. */
  inPrompt?: string;
}

function systemPart({ backend, system, systemFile: path }: CliCall, isResume: boolean): SystemPart {
  const { systemPromptWhen: when } = backend;
  if (!system || when === 'never' || (when === 'first' && isResume)) return { args: [] };
  if (backend.systemPromptFileArg !== undefined) {
    return { args: [backend.systemPromptFileArg, path], file: { path, text: system } };
  }
  const { systemPromptFileConfigArg: arg, systemPromptFileConfigKey: key } = backend;
  if (arg !== undefined && key !== undefined) {
    return { args: [arg, `${key}=${JSON.stringify(path)}`], file: { path, text: system } };
  }
  if (backend.systemPromptArg !== undefined) return { args: [backend.systemPromptArg, asValue(system)] };
  return isResume ? { args: [] } : { args: [], inPrompt: system };
}

/** Decides how the program is started. Throws nothing; ids are checked by the caller. */
export function planCli(call: CliCall): CliPlan {
  const { backend } = call;
  const isResume = call.resumed !== undefined && canResume(backend);
  const known: CliCall = isResume ? call : { ...call, resumed: undefined };
  const sessionId = sessionOf(known);
  const system = systemPart(known, isResume);
  const said = known.resumed?.prompt ?? known.prompt;
  const prompt =
    system.inPrompt === undefined ? said : `<instructions>\n${system.inPrompt}\n</instructions>\n\n${said}`;
  const args = [...baseArgs(known, isResume, sessionId), ...modelArgs(known), ...system.args];
  const isArg = backend.input === 'arg' && prompt.length <= backend.maxPromptArgChars;
  return {
    command: backend.command,
    args: isArg ? [...args, asValue(prompt)] : args,
    ...(!isArg && { stdin: prompt }),
    output: isResume ? backend.resumeOutput : backend.output,
    isResume,
    sessionId,
    systemFile: system.file,
  };
}
