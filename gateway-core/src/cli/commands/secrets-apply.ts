// `openclaw secrets apply --from <plan>`: checks a plan and carries it out.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parsePlan, type SecretsPlan } from '../../secrets/index.js';
import { AppError, errorMessage } from '../../shared/app-error.js';
import { requireValidConfig } from '../config-gate.js';
import { rejectedIssues } from '../config-writing.js';
import type { CommandContext } from '../context.js';
import { carryOutPlan, planReportLines } from '../secrets-plan.js';

export interface ApplyOptions {
  from: string;
  dryRun?: boolean;
  allowExec?: boolean;
  json?: boolean;
}

/** Throws AppError request.invalid for a file that is not there, is no JSON or is no plan. */
async function readPlan(context: CommandContext, file: string): Promise<SecretsPlan> {
  const full = path.resolve(context.host.cwd, file);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(full, 'utf8'));
  } catch (error) {
    throw new AppError('request.invalid', {
      message: `The plan ${full} cannot be read: ${errorMessage(error)}`,
      hint: 'Make a plan with `openclaw secrets configure --plan-out <file>`.',
    });
  }
  return parsePlan(value);
}

/** A refused change as one sentence about its first fault. */
export function asSentence(error: unknown): unknown {
  const [issue] = rejectedIssues(error) ?? [];
  if (!issue) return error;
  return new AppError('config.rejected', {
    message: `The config would not be valid: ${issue.path || '<root>'}: ${issue.message}`,
    hint: 'Nothing was changed. Correct the plan.',
  });
}

export async function run(context: CommandContext, options: ApplyOptions): Promise<number> {
  const plan = await readPlan(context, options.from);
  if (!(await requireValidConfig(context))) return 1;
  const flags = { dryRun: options.dryRun ?? false, allowExec: options.allowExec ?? false };
  const report = await carryOutPlan(context, plan, flags).catch((error: unknown) => {
    throw asSentence(error);
  });
  if (options.json) context.json(report);
  else for (const line of planReportLines(report)) context.out(line);
  return 0;
}
