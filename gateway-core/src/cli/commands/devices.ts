// `openclaw devices …`: requests, paired devices, their tokens.
import type { CommandContext } from '../context.js';
import { type Ask, type AskOptions, askGateway, type Result, withAsk } from '../ask-gateway.js';
import { boxedTable, formatAge } from '../text-format.js';

export interface TokenOptions extends AskOptions {
  device: string;
  role: string;
  scope?: string[];
}

export interface ClearOptions extends AskOptions {
  yes?: boolean;
  pending?: boolean;
}

type Listing = Result<'device.pair.list'>;

const rolesOf = ({ role, roles }: { role?: string; roles?: string[] }): string =>
  (roles?.length ? roles : role ? [role] : []).join(', ');

function pendingRows({ pending }: Listing, nowMs: number): string[][] {
  return pending.map((request) => [
    request.requestId,
    request.displayName ?? request.deviceId,
    rolesOf(request),
    (request.scopes ?? []).join(', '),
    request.remoteIp ?? '',
    formatAge(nowMs - request.ts),
    request.isRepair ? 'repair' : '',
  ]);
}

function pairedRows({ paired }: Listing): string[][] {
  return paired.map((device) => [
    device.displayName ?? device.deviceId,
    rolesOf(device),
    (device.scopes ?? []).join(', '),
    device.tokens.map(({ role, revokedAtMs }) => (revokedAtMs === undefined ? role : `${role} (revoked)`)).join(', '),
    device.remoteIp ?? '',
  ]);
}

/** The text form, line by line. */
export function deviceLines(listing: Listing, nowMs: number): string[] {
  const { pending, paired } = listing;
  if (pending.length + paired.length === 0) return ['No device pairing entries.'];
  const requests = ['Request', 'Device', 'Role', 'Scopes', 'IP', 'Age', 'Flags'];
  return [
    ...(pending.length > 0
      ? [`Pending (${pending.length})`, ...boxedTable(requests, pendingRows(listing, nowMs))]
      : []),
    ...(paired.length > 0
      ? [`Paired (${paired.length})`, ...boxedTable(['Device', 'Roles', 'Scopes', 'Tokens', 'IP'], pairedRows(listing))]
      : []),
  ];
}

export async function runList(context: CommandContext, options: AskOptions): Promise<number> {
  const listing = await askGateway(context, options, 'device.pair.list', {});
  if (options.json) context.json(listing);
  else for (const line of deviceLines(listing, context.host.now())) context.out(line);
  return 0;
}

async function latestRequest(ask: Ask): Promise<string | undefined> {
  const { pending } = await ask('device.pair.list', {});
  return pending.toSorted((a, b) => b.ts - a.ts)[0]?.requestId;
}

export async function runApprove(
  context: CommandContext,
  options: AskOptions & { latest?: boolean },
  [named]: string[],
): Promise<number> {
  return withAsk(context, options, async (ask) => {
    const requestId = (options.latest ? undefined : named) ?? (await latestRequest(ask));
    if (requestId === undefined) {
      context.err('No pending device pairing requests to approve');
      return 1;
    }
    const answer = await ask('device.pair.approve', { requestId });
    if (options.json) context.json(answer);
    else context.out(`Approved ${answer.device.deviceId} (${answer.requestId})`);
    return 0;
  });
}

export async function runReject(
  context: CommandContext,
  options: AskOptions,
  [requestId = '']: string[],
): Promise<number> {
  const answer = await askGateway(context, options, 'device.pair.reject', { requestId });
  if (options.json) context.json(answer);
  else context.out(`Rejected ${answer.deviceId} (${answer.requestId})`);
  return 0;
}

export async function runRemove(
  context: CommandContext,
  options: AskOptions,
  [deviceId = '']: string[],
): Promise<number> {
  const answer = await askGateway(context, options, 'device.pair.remove', { deviceId });
  if (options.json) context.json(answer);
  else context.out(`Removed ${answer.deviceId}`);
  return 0;
}

export async function runClear(context: CommandContext, options: ClearOptions): Promise<number> {
  if (!options.yes) {
    context.err('This forgets every paired device. Run it again with --yes to do that.');
    return 1;
  }
  const done = await withAsk(context, options, async (ask) => {
    const { paired, pending } = await ask('device.pair.list', {});
    const rejected = options.pending ? pending.map(({ requestId }) => requestId) : [];
    for (const requestId of rejected) await ask('device.pair.reject', { requestId });
    for (const { deviceId } of paired) await ask('device.pair.remove', { deviceId });
    return { removedDevices: paired.map(({ deviceId }) => deviceId), rejectedPending: rejected };
  });
  if (options.json) context.json(done);
  else context.out(`Removed ${done.removedDevices.length} devices, rejected ${done.rejectedPending.length} requests.`);
  return 0;
}

export async function runRotate(context: CommandContext, options: TokenOptions): Promise<number> {
  const { device: deviceId, role, scope: scopes } = options;
  context.json(
    await askGateway(context, options, 'device.token.rotate', { deviceId, role, ...(scopes && { scopes }) }),
  );
  return 0;
}

export async function runRevoke(context: CommandContext, options: TokenOptions): Promise<number> {
  const { device: deviceId, role } = options;
  context.json(await askGateway(context, options, 'device.token.revoke', { deviceId, role }));
  return 0;
}
