// The exec tool's arguments: their schema for the model, and reading them.
import { AppError } from '../shared/app-error.js';
import { isRefusedVariable } from './clean-environment.js';

export interface ExecArguments {
  command: string;
  workdir?: string;
  env: Readonly<Record<string, string>>;
  yieldMs?: number;
  background: boolean;
  timeoutSec?: number;
  pty: boolean;
  elevated: boolean;
  host?: string;
  security?: string;
  ask?: string;
  node?: string;
}

const text = (description: string) => ({ type: 'string', description });
const flag = (description: string) => ({ type: 'boolean', description });
const count = (description: string) => ({ type: 'number', description });
const choice = (values: string[]) => ({ type: 'string', enum: values });

export const EXEC_PARAMETERS = {
  type: 'object',
  properties: {
    command: text('Shell command line'),
    workdir: text('Folder; default: the workspace'),
    env: { type: 'object', additionalProperties: { type: 'string' } },
    yieldMs: count('Go on in the background after this time (default 10000)'),
    background: flag('Go on in the background at once; takes input'),
    timeout: count('Seconds until it is ended (default 1800)'),
    pty: flag('Give it a terminal'),
    elevated: flag('Run outside the sandbox, if allowed'),
    host: choice(['auto', 'sandbox', 'gateway', 'node']),
    security: choice(['deny', 'allowlist', 'full']),
    ask: choice(['off', 'on-miss', 'always']),
    node: text('Node id or name, with host=node'),
  },
  required: ['command'],
} as const;

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

function readEnv(value: unknown): Record<string, string> {
  if (value === null || typeof value !== 'object') return {};
  const entries = Object.entries(value).map(([name, item]) => [name, String(item)] as const);
  for (const [name, item] of entries) {
    if (!VARIABLE.test(name) || item.includes('\0')) {
      throw new AppError('exec.env_refused', { message: `"${name}" is not a variable that can be set.` });
    }
    if (isRefusedVariable(name)) {
      throw new AppError('exec.env_refused', { message: `The variable ${name} may not be set for a command.` });
    }
  }
  return Object.fromEntries(entries);
}

const optionalText = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
const optionalNumber = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

/** Throws AppError request.invalid or exec.env_refused. */
export function readExecArguments(args: Record<string, unknown>): ExecArguments {
  const { command } = args;
  if (typeof command !== 'string' || command.trim() === '') {
    throw new AppError('request.invalid', { message: 'The command is missing.', hint: 'Pass it as "command".' });
  }
  if (command.includes('\0')) throw new AppError('request.invalid', { message: 'A command cannot hold a zero byte.' });
  return {
    command,
    workdir: optionalText(args.workdir),
    env: readEnv(args.env),
    yieldMs: optionalNumber(args.yieldMs),
    background: args.background === true,
    timeoutSec: optionalNumber(args.timeout),
    pty: args.pty === true,
    elevated: args.elevated === true,
    host: optionalText(args.host),
    security: optionalText(args.security),
    ask: optionalText(args.ask),
    node: optionalText(args.node),
  };
}
