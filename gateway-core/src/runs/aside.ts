// Asks a run's model something beside the conversation: with tools, but nothing of it is stored or shown.
import type { ModelRequest, Models } from '../models/index.js';
import type { Message, Usage } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import type { StepCall } from './answer.js';
import { repairPrompt } from './prompt-repair.js';
import { RunOutput } from './run-output.js';
import { Answer } from './answer.js';
import type { ToolCallsOutcome } from './tool-calls.js';
import type { RunTools } from './run-tools.js';

export interface AsideOptions {
  models: Models;
  /** System prompt, messages and limits of the run. */
  request: Omit<ModelRequest, 'tools' | 'toolChoice'>;
  ref?: string;
  tools: RunTools;
  signal: AbortSignal;
  clock: Clock;
  /** Hears what each call of the model cost. */
  onUsage: (usage: Usage | undefined) => void;
}

const MAX_STEPS = 8;

async function callModel(options: AsideOptions, messages: Message[]): Promise<Answer> {
  const { models, request, ref, tools, signal, clock } = options;
  const output = new RunOutput({ runId: '', sessionKey: request.sessionKey, broadcast: () => undefined, clock });
  const answer = new Answer(output);
  for await (const event of models.stream(
    { ...request, isAside: true, messages, tools: tools.forModel() },
    { ref, signal },
  )) {
    answer.take(event);
  }
  output.close();
  return answer;
}

/** Resolves with the last words of the model. Throws AppError `model.*`, or the signal's reason. */
export async function askAside(question: string, maxSteps: number | undefined, options: AsideOptions): Promise<string> {
  const { request, tools, signal, clock, onUsage } = options;
  const asked: Message = { role: 'user', content: question, timestamp: clock.now() };
  let messages = [...request.messages, asked];
  for (let step = 0; step < (maxSteps ?? MAX_STEPS); step += 1) {
    await tools.open();
    const answer = await callModel(options, repairPrompt(messages));
    onUsage(answer.usage);
    signal.throwIfAborted();
    if (answer.calls.length === 0 || !tools.isInUse) return answer.text.trim();
    const made = await answerCalls(answer.calls, tools);
    signal.throwIfAborted();
    if (made.stop) throw made.stop;
    messages = [
      ...messages,
      answer.message({ kind: 'done', stopReason: 'toolUse' }, '', clock.now()),
      ...made.messages,
    ];
  }
  throw new AppError('run.step_limit');
}

function answerCalls(calls: readonly StepCall[], tools: RunTools): Promise<ToolCallsOutcome> {
  return tools.run(calls.filter((call) => !tools.isOfClient(call)));
}
