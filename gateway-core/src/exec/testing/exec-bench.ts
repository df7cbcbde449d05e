// The exec room on a temporary folder, with a gate and news that a test can see.
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { OpenClawConfig } from '../../config/index.js';
import { type Clock, systemClock } from '../../shared/clock.js';
import { silentLogger } from '../../shared/logger.js';
import type { Tool, ToolContext, ToolResult, Workplace } from '../../tools/index.js';
import { createExecTools, type ExecTools, type ExecToolsOptions } from '../create-exec-tools.js';
import type { GateAnswer, GateQuestion } from '../gate.js';
import { createHostWorkplace } from '../host-workplace.js';
import { type TestContext, toolContext } from './tool-context.js';

export interface ExecBench {
  dir: string;
  stateDir: string;
  workplace: Workplace;
  tools: ExecTools;
  /** What the gate was asked, and what it answers: yes, unless a test says otherwise. */
  questions: GateQuestion[];
  answer: (question: GateQuestion) => GateAnswer;
  config: OpenClawConfig;
  news: Array<{ sessionKey: string; agentId: string; text: string }>;
  context: (changes?: Partial<ToolContext>) => TestContext;
  exec: (args: Record<string, unknown>, context?: ToolContext) => Promise<ToolResult>;
  process: (args: Record<string, unknown>, context?: ToolContext) => Promise<ToolResult>;
  end: () => Promise<void>;
}

export type BenchOptions = Partial<Omit<ExecToolsOptions, 'config' | 'stateDir'>> & { clock?: Clock };

function named(tools: ExecTools, context: ToolContext, name: string): Tool {
  const list = tools.tools(context);
  const tool = Array.isArray(list) ? (list as Tool[]).find((one) => one.name === name) : undefined;
  if (!tool) throw new Error(`no tool ${name}`);
  return tool;
}

export async function openBench(options: BenchOptions = {}): Promise<ExecBench> {
  const base = await realpath(await mkdtemp(path.join(tmpdir(), 'exec-')));
  const dir = path.join(base, 'workspace');
  await mkdir(dir);
  const stateDir = path.join(base, 'state');
  const env = { ...process.env, OPENCLAW_GATEWAY_TOKEN: 'gateway-token-1', OPENAI_API_KEY: 'provider-key-1' };
  const workplace = createHostWorkplace({ workspaceDir: dir, env });
  const bench: ExecBench = {
    dir,
    stateDir,
    workplace,
    questions: [],
    answer: () => ({ verdict: 'allow', reason: 'for the test' }),
    config: {},
    news: [],
    tools: createExecTools({
      config: () => bench.config,
      stateDir,
      hostWorkplace: () => workplace,
      gate: {
        check: (question) => {
          bench.questions.push(question);
          return Promise.resolve(bench.answer(question));
        },
      },
      notify: (news) => void bench.news.push(news),
      clock: systemClock,
      log: silentLogger,
      ...options,
    }),
    context: (changes) => toolContext(workplace, changes),
    exec: (args, context = bench.context()) => named(bench.tools, context, 'exec').execute(args, context),
    process: (args, context = bench.context()) => named(bench.tools, context, 'process').execute(args, context),
    end: async () => {
      await bench.tools.stop();
      await rm(base, { recursive: true, force: true });
    },
  };
  return bench;
}

/** A workplace that is no host to the tools, though its commands run here. */
export function boxed(workplace: Workplace, more: Partial<Workplace> = {}): Workplace {
  return { ...workplace, kind: 'docker', name: 'box', ...more };
}
