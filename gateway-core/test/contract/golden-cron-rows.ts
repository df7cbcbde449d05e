// The recorded `openclaw cron` commands, in the order in which one leads to the next.
import type { CliRow } from './golden-cli.js';

export interface CronRow extends CliRow {
  /** The recorded id that the printed job has; later rows mean ours where it stands. */
  makes?: string;
}

/** The recorded id of the job that the later commands are about. */
export const ISOLATED_JOB = 'c31ed13d-1560-43b7-8429-d4c5d7c67f80';
const JOB: CronRow = { stdout: 'json' };
const ADD_ISOLATED = [
  ...['cron', 'add', '--name', 'cli-iso', '--cron', '0 7 * * *', '--tz', 'Europe/Berlin', '--session', 'isolated'],
  ...['--message', 'do it', '--no-deliver', '--json'],
];
const HEAD = 'ID Name Schedule Next Last Status Target Agent ID Model';
/** Keys that may be absent as long as the job has not run to its end. */
export const UNTIL_IT_RAN: readonly string[] = [
  ...['lastRunAtMs', 'lastRunStatus', 'lastStatus', 'lastDurationMs', 'lastDelivered', 'lastDeliveryStatus'],
  ...['consecutiveErrors'],
].map((key) => `state.${key}`);

/** By the name of the recording. */
export const CRON_ROWS: Readonly<Record<string, CronRow>> = {
  'cron-add-bad': {},
  'cron-add': JOB,
  'cron-add-json': { stdout: 'json', args: ADD_ISOLATED, makes: ISOLATED_JOB },
  'cron-add-at': JOB,
  'cron-status': JOB,
  'cron-list': { stdout: [HEAD] },
  'cron-list-all': { stdout: [HEAD] },
  'cron-list-json': JOB,
  'cron-run-due': {},
  'cron-run': JOB,
  'cron-runs': JOB,
  'cron-runs-missing': {},
  'cron-edit': JOB,
  'cron-disable': JOB,
  'cron-enable': JOB,
  'cron-rm': {},
  'cron-rm-missing': {},
};
