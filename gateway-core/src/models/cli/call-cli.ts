// One model call that a command-line program answers: its turn, its session, its end.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Clock } from '../../shared/clock.js';
import { ensureFolder, writeTextDurably } from '../../shared/json-file.js';
import type { Logger } from '../../shared/logger.js';
import type { ModelEvent, ModelRequest, ModelTarget } from '../types.js';
import { FREE, priceUsage } from '../usage.js';
import type { CliBackend } from './cli-backends.js';
import { cliEnvironment } from './cli-environment.js';
import { type CliFault, cutError, isLostSession, modelIdError, saidError, unreadableError } from './cli-errors.js';
import { type CliAnswer, readCliOutput } from './cli-output.js';
import { type CliPlan, isModelId, isSessionId, planCli } from './cli-plan.js';
import { messagesSince, promptOf } from './cli-prompt.js';
import { type CliSessions, TurnQueue } from './cli-sessions.js';
import { type CliEnd, runCli } from './run-cli.js';

export interface CliDeps {
  /** The gateway's environment; little of it reaches the program. */
  env: Readonly<Record<string, string | undefined>>;
  clock: Clock;
  log: Logger;
  /** Where the program works. */
  workspaceDir: (agentId: string) => string;
  sessions: CliSessions;
  timeoutMs: number;
}

export interface CliModelCall {
  backend: CliBackend;
  target: ModelTarget;
  request: ModelRequest;
  signal: AbortSignal;
}

interface Outcome {
  plan: CliPlan;
  end: Extract<CliEnd, { kind: 'exited' }>;
  answer: CliAnswer;
}

/** The program's reason: its own report first, then what it wrote to its standard error. */
function reasonOf({ answer, end }: Outcome): string | undefined {
  if (answer.failure !== undefined) return `${answer.failure} ${end.stderr}`.trim();
  return end.code === 0 ? undefined : end.stderr.trim() || answer.text || 'it gave no reason';
}

/** Calls programs; calls of one conversation to one program wait for each other. */
export class CliCaller {
  readonly #queue = new TurnQueue();

  constructor(private readonly deps: CliDeps) {}

  /** Yields the answer in one piece. Throws AppError `model.*`, or the reason of `signal`; no process is left then. */
  async *call(call: CliModelCall): AsyncGenerator<ModelEvent, void, undefined> {
    const { backend, target, request, signal } = call;
    signal.throwIfAborted();
    if (!isModelId(target.model)) throw modelIdError(this.#fault(call));
    const isAlone = request.isAside === true || !backend.serialize;
    const work = () => this.#converse(call);
    const answer = await (isAlone ? work() : this.#queue.run(`${backend.id}\n${request.sessionKey}`, signal, work));
    yield { type: 'text', text: answer.text ?? '' };
    if (answer.counts) yield { type: 'usage', usage: priceUsage(answer.counts, FREE, answer.costUsd) };
    yield { type: 'stop', reason: 'stop' };
  }

  #fault({ target, backend }: CliModelCall): CliFault {
    return { target, backend, nowMs: this.deps.clock.now() };
  }

  async #converse(call: CliModelCall): Promise<CliAnswer> {
    const { backend, request, signal } = call;
    const { sessions, log } = this.deps;
    const isKept = request.isAside !== true && backend.sessionMode !== 'none';
    const known = isKept ? await sessions.sessionIdOf(request.sessionKey, backend.id) : undefined;
    let outcome = await this.#attempt(call, known);
    if (outcome.plan.isResume && isLostSession(reasonOf(outcome) ?? '')) {
      log.info('a program lost its session; it is told the conversation anew', { backend: backend.id });
      await sessions.rememberSession(request.sessionKey, backend.id, undefined);
      signal.throwIfAborted();
      outcome = await this.#attempt(call, undefined);
    }
    const answer = this.#accept(call, outcome);
    const sessionId = answer.sessionId ?? outcome.plan.sessionId;
    if (isKept && sessionId !== undefined && sessionId !== known && isSessionId(sessionId)) {
      await sessions.rememberSession(request.sessionKey, backend.id, sessionId);
    }
    return answer;
  }

  #plan({ backend, target, request }: CliModelCall, known: string | undefined, systemFile: string): CliPlan {
    const since = known !== undefined && isSessionId(known) ? messagesSince(request.messages, target) : undefined;
    return planCli({
      backend,
      model: target.model,
      prompt: promptOf(request.messages, target),
      resumed: known !== undefined && since ? { sessionId: known, prompt: promptOf(since, target) } : undefined,
      system: request.system,
      newSessionId: randomUUID(),
      systemFile,
    });
  }

  #accept(call: CliModelCall, outcome: Outcome): CliAnswer {
    const reason = reasonOf(outcome);
    if (reason !== undefined) throw saidError(this.#fault(call), reason, outcome.end.code);
    if (outcome.answer.text === undefined || outcome.answer.text.trim() === '') {
      throw unreadableError(this.#fault(call), outcome.end.stdout);
    }
    return outcome.answer;
  }

  async #attempt(call: CliModelCall, known: string | undefined): Promise<Outcome> {
    const { systemPromptFileArg, systemPromptFileConfigArg } = call.backend;
    const readsFile = (systemPromptFileArg ?? systemPromptFileConfigArg) !== undefined;
    if (!readsFile) return this.#start(call, this.#plan(call, known, ''));
    const folder = await mkdtemp(path.join(os.tmpdir(), 'openclaw-cli-'));
    try {
      const plan = this.#plan(call, known, path.join(folder, 'system.md'));
      if (plan.systemFile) await writeTextDurably(plan.systemFile.path, plan.systemFile.text);
      return await this.#start(call, plan);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #start(call: CliModelCall, plan: CliPlan): Promise<Outcome> {
    const { backend, request, signal } = call;
    const { env, clock, workspaceDir, timeoutMs } = this.deps;
    const cwd = workspaceDir(request.agentId);
    // A folder that is missing would look like a program that is missing.
    await ensureFolder(cwd);
    signal.throwIfAborted();
    const end = await runCli({
      command: plan.command,
      args: plan.args,
      env: cliEnvironment({ base: env, added: backend.env, cleared: backend.clearEnv }),
      cwd,
      stdin: plan.stdin,
      timeoutMs,
      silenceMs: plan.isResume ? backend.silenceMs.resume : backend.silenceMs.fresh,
      signal,
      clock,
    });
    signal.throwIfAborted();
    if (end.kind !== 'exited') throw cutError(this.#fault(call), end);
    return { plan, end, answer: readCliOutput(end.stdout, plan.output, backend.sessionIdFields) };
  }
}
