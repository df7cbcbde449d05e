// Pure: at most one banner, the most serious one (design §4.6).
import type { HqStatus } from '../../data/derive-status.js';
import { t } from '../../i18n/t.js';

/** From most to least serious. */
export const BANNER_RANKS = ['data', 'blocked', 'degraded'] as const;
export type BannerRank = (typeof BANNER_RANKS)[number];

export interface Banner {
  rank: BannerRank;
  text: string;
}

export interface BannerFacts {
  status: HqStatus;
  isUnsaved: boolean;
  everReady: boolean;
  /** How long the socket has been away. */
  lostForMs: number;
}

/** Shorter interruptions heal before anybody has read a banner. */
export const QUIET_LOSS_MS = 600;

function candidates({ status, isUnsaved, everReady, lostForMs }: BannerFacts): Banner[] {
  const banners: Banner[] = [];
  if (isUnsaved) banners.push({ rank: 'data', text: t('banner.unsaved') });
  // Before the first connection the page itself says what is wrong.
  if (!everReady) return banners;
  if (status.kind === 'failed')
    banners.push({ rank: 'blocked', text: t('banner.failed', { reason: status.reason?.message ?? '' }) });
  if (status.kind === 'stopped') banners.push({ rank: 'blocked', text: t('banner.stopped') });
  const isAway = status.kind === 'reconnecting' || status.kind === 'starting';
  if (isAway && lostForMs >= QUIET_LOSS_MS) banners.push({ rank: 'degraded', text: t('banner.reconnecting') });
  return banners;
}

export function pickBanner(facts: BannerFacts): Banner | undefined {
  const found = candidates(facts);
  return BANNER_RANKS.map((rank) => found.find((banner) => banner.rank === rank)).find(
    (banner) => banner !== undefined,
  );
}
