// `openclaw cron …`: jobs of the gateway.
import { GatewayRequestError } from '../../client/index.js';
import { type Ask, type AskOptions, askGateway, withAsk } from '../ask-gateway.js';
import type { CommandContext } from '../context.js';
import { addParams, editPatch, type JobOptions, JobOptionsError } from '../cron-job.js';
import { jobLines, type ListedJob } from '../cron-text.js';

export type JobCommandOptions = AskOptions & JobOptions;

const PAGE = 200;

async function listAll(ask: Ask, includeDisabled: boolean): Promise<unknown[]> {
  const jobs: unknown[] = [];
  for (let offset: number | null = 0; offset !== null;) {
    const page: { jobs: unknown[]; nextOffset: number | null } = await ask('cron.list', {
      includeDisabled,
      limit: PAGE,
      offset,
    });
    jobs.push(...page.jobs);
    offset = page.nextOffset;
  }
  return jobs;
}

export async function runList(context: CommandContext, options: AskOptions & { all?: boolean }): Promise<number> {
  const includeDisabled = options.all ?? false;
  if (options.json) {
    context.json(await askGateway(context, options, 'cron.list', { includeDisabled }));
    return 0;
  }
  const jobs = await withAsk(context, options, (ask) => listAll(ask, includeDisabled));
  for (const line of jobLines(jobs as ListedJob[], context.host.now())) context.out(line);
  return 0;
}

export async function runStatus(context: CommandContext, options: AskOptions): Promise<number> {
  context.json(await askGateway(context, options, 'cron.status', {}));
  return 0;
}

async function warnWhenOff(context: CommandContext, ask: Ask): Promise<void> {
  const { enabled, storePath } = await ask('cron.status', {});
  if (enabled) return;
  context.err('The cron scheduler of the gateway is switched off; jobs are kept, but none runs.');
  context.err(`Set cron.enabled to true to run them. Jobs: ${storePath}`);
}

/** Runs `work`, prints the job it brings, and warns when no job would run. */
async function printJob(
  context: CommandContext,
  options: AskOptions,
  work: (ask: Ask) => Promise<unknown>,
): Promise<number> {
  await withAsk(context, options, async (ask) => {
    context.json(await work(ask));
    await warnWhenOff(context, ask);
  });
  return 0;
}

/** Reads the options before anything is opened. */
async function withOptions<T>(
  context: CommandContext,
  read: () => T,
  run: (value: T) => Promise<number>,
): Promise<number> {
  let value: T;
  try {
    value = read();
  } catch (error) {
    if (!(error instanceof JobOptionsError)) throw error;
    context.err(`Error: ${error.message}`);
    return 1;
  }
  return run(value);
}

export function runAdd(context: CommandContext, options: JobCommandOptions): Promise<number> {
  return withOptions(
    context,
    () => addParams(options, context.host.now()),
    (params) => printJob(context, options, (ask) => ask('cron.add', params)),
  );
}

export function runEdit(context: CommandContext, options: JobCommandOptions, [id = '']: string[]): Promise<number> {
  return withOptions(
    context,
    () => editPatch(options, context.host.now()),
    (patch) => printJob(context, options, (ask) => ask('cron.update', { id, patch })),
  );
}

export function runEnable(context: CommandContext, options: AskOptions, [id = '']: string[]): Promise<number> {
  return printJob(context, options, (ask) => ask('cron.update', { id, patch: { enabled: true } }));
}

export function runDisable(context: CommandContext, options: AskOptions, [id = '']: string[]): Promise<number> {
  return printJob(context, options, (ask) => ask('cron.update', { id, patch: { enabled: false } }));
}

export async function runRemove(context: CommandContext, options: AskOptions, [id = '']: string[]): Promise<number> {
  try {
    context.json(await askGateway(context, options, 'cron.remove', { id }));
  } catch (error) {
    const isGone = error instanceof GatewayRequestError && error.detailCode === 'CRON_JOB_NOT_FOUND';
    if (!isGone) throw error;
    context.json({ ok: true, removed: false });
  }
  return 0;
}

export async function runNow(
  context: CommandContext,
  options: AskOptions & { due?: boolean },
  [id = '']: string[],
): Promise<number> {
  const answer = await askGateway(context, options, 'cron.run', { id, mode: options.due ? 'due' : 'force' });
  context.json(answer);
  return answer.enqueued || answer.ran ? 0 : 1;
}

export async function runRuns(
  context: CommandContext,
  options: AskOptions & { id: string; limit: number },
): Promise<number> {
  context.json(await askGateway(context, options, 'cron.runs', { id: options.id, limit: options.limit }));
  return 0;
}
