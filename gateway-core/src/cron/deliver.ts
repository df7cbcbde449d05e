// Where the result of a run goes: nowhere, to people through a channel, or to a webhook.
import type { OpenClawConfig } from '../config/index.js';
import type { Clock } from '../shared/clock.js';
import { errorMessage } from '../shared/app-error.js';
import { isHttpUrl } from './check-job.js';
import type { CronEvent, Delivery, Job, Outcome } from './job.js';
import type { Announcement, CronOptions } from './types.js';

type CronConfig = NonNullable<OpenClawConfig['cron']>;
export type Delivered = Pick<Outcome, 'delivered' | 'deliveryStatus' | 'deliveryError'>;

const WEBHOOK_TIMEOUT_MS = 10_000;
/** Answers that mean "nothing to say". */
const SILENT = new Set(['', 'NO_REPLY', 'HEARTBEAT_OK']);

export interface DeliverDeps {
  announce: CronOptions['announce'];
  fetch: typeof fetch;
  clock: Clock;
}

/** Pure: what a job wants done with its result. */
export function deliveryOf(job: Job): Delivery & { mode: NonNullable<Delivery['mode']> } {
  const fallback = job.sessionTarget === 'isolated' ? 'announce' : 'none';
  return { ...job.delivery, mode: job.delivery ? (job.delivery.mode ?? 'announce') : fallback };
}

/** Sends `body` to a webhook; what went wrong, or undefined. Never follows to another address with our token. */
export async function postWebhook(
  { fetch, clock }: Pick<DeliverDeps, 'fetch' | 'clock'>,
  url: string,
  body: unknown,
  token: string | undefined,
): Promise<string | undefined> {
  if (!isHttpUrl(url)) return 'The address of the webhook does not begin with http:// or https://.';
  const controller = new AbortController();
  const timer = clock.after(WEBHOOK_TIMEOUT_MS, () =>
    controller.abort(new Error('the webhook did not answer in time')),
  );
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token !== undefined && token !== '' && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: controller.signal,
    });
    await response.body?.cancel();
    return response.ok ? undefined : `The webhook answered ${response.status}.`;
  } catch (error) {
    return `The webhook could not be reached: ${errorMessage(error)}.`;
  } finally {
    timer.cancel();
  }
}

function failed(deliveryError: string): Delivered {
  return { delivered: false, deliveryStatus: 'not-delivered', deliveryError };
}

/** Shows the text of a run to people when its job wants that. */
export async function announceResult(
  job: Job,
  run: { agentId: string; sessionKey: string; text: string },
  { announce }: Pick<DeliverDeps, 'announce'>,
): Promise<Delivered> {
  const { mode, channel, to, accountId } = deliveryOf(job);
  const text = run.text.trim();
  if (mode !== 'announce' || SILENT.has(text)) return { delivered: false, deliveryStatus: 'not-delivered' };
  const place = { ...(channel !== undefined && { channel }), ...(to && { to }), ...(accountId && { accountId }) };
  const { delivered, error } = await announce({ agentId: run.agentId, sessionKey: run.sessionKey, text, ...place });
  return delivered ? { delivered, deliveryStatus: 'delivered' } : failed(error ?? 'The channel did not take it.');
}

/** Pure: the webhook that hears of the end of each run; undefined when none does. */
export function webhookOf(job: Job, config: CronConfig | undefined): string | undefined {
  const { mode, to } = deliveryOf(job);
  if (mode === 'webhook') return to?.trim();
  // How older files ask for the one webhook of the config.
  const wantsOld = (job as Job & { notify?: unknown }).notify === true;
  return wantsOld && isHttpUrl(config?.webhook) ? config?.webhook : undefined;
}

/** Posts the finished event; the result of the delivery. */
export async function postFinished(
  url: string,
  event: CronEvent,
  deps: DeliverDeps,
  token: string | undefined,
): Promise<Delivered> {
  const error = await postWebhook(deps, url, event, token);
  return error === undefined ? { delivered: true, deliveryStatus: 'delivered' } : failed(error);
}

/** Where a notice about a failure goes. */
export interface Destination {
  mode: 'announce' | 'webhook';
  channel?: string;
  to?: string;
  accountId?: string;
}

interface Notice {
  job: Job;
  agentId: string;
  sessionKey: string;
  text: string;
}

/** Tells a destination about a failure; what went wrong, or undefined. */
export async function sendNotice(
  { job, agentId, sessionKey, text }: Notice,
  { mode, channel, to, accountId }: Destination,
  deps: DeliverDeps,
  token: string | undefined,
): Promise<string | undefined> {
  if (mode === 'webhook') {
    return postWebhook(deps, to ?? '', { jobId: job.id, jobName: job.name, status: 'error', text }, token);
  }
  const announcement: Announcement = { agentId, sessionKey, text, channel: channel ?? 'last', to, accountId };
  const { delivered, error } = await deps.announce(announcement);
  return delivered ? undefined : (error ?? 'The channel did not take it.');
}
