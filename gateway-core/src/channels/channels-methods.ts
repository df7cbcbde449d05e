// The wire of messengers (spec/gateway-protocol.md §7.3, §7.5) of a gateway that has none.
import type { WholeWireMethods } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import type { WireHandlers } from '../shared/wire.js';

export type ChannelsMethodName =
  Extract<keyof WholeWireMethods, `channels.${string}` | `web.${string}`> | 'send' | 'poll';

/** The one that is no messenger: the window itself. */
const WEBCHAT = 'webchat';

function invalid(message: string): AppError {
  return new AppError('request.invalid', { message });
}

/** Nothing can be delivered: says whether a channel is missing or not known. */
function refuseDelivery(method: 'send' | 'poll', channel: string | undefined): never {
  const name = channel?.trim().toLowerCase();
  if (!name || name === 'last') throw invalid('Error: Channel is required (no configured channels detected).');
  if (name === WEBCHAT) {
    throw invalid(`unsupported channel: ${WEBCHAT} (internal-only). Use \`chat.send\` for WebChat UI messages.`);
  }
  throw invalid(`unsupported ${method === 'poll' ? 'poll ' : ''}channel: ${channel}`);
}

function refuseLogin(): never {
  throw invalid('web login provider is not available');
}

/** The handlers of messengers without any. Refusals are AppError request.invalid. */
export function createChannelsMethods({ clock }: { clock: Clock }): WireHandlers<ChannelsMethodName> {
  return {
    'channels.status': () => ({
      ts: clock.now(),
      channelOrder: [],
      channelLabels: {},
      channelDetailLabels: {},
      channelSystemImages: {},
      channelMeta: [],
      channels: {},
      channelAccounts: {},
      channelDefaultAccountId: {},
    }),
    'channels.logout': () => {
      throw invalid('invalid channels.logout channel');
    },
    'web.login.start': refuseLogin,
    'web.login.wait': refuseLogin,
    send: (params) => {
      const hasMedia = Boolean(params.mediaUrl?.trim()) || (params.mediaUrls ?? []).some((url) => url.trim() !== '');
      if (!params.message?.trim() && !hasMedia) throw invalid('invalid send params: text or media is required');
      return refuseDelivery('send', params.channel);
    },
    poll: (params) => refuseDelivery('poll', params.channel),
  };
}
