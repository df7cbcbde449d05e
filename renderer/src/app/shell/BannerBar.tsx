// The one banner of the window.
import { TriangleAlert } from 'lucide-react';
import { useStore } from 'zustand';
import { t } from '../../i18n/t.js';
import { Button } from '../../ui/Button.js';
import { useNow } from '../../ui/use-now.js';
import { useServices } from '../services-context.js';
import { pickBanner, QUIET_LOSS_MS } from './banner.js';
import { useStatus } from './use-status.js';

export function BannerBar() {
  const { connection, ui } = useServices();
  const { status, act } = useStatus();
  const everReady = useStore(connection.store, (state) => state.everReady);
  const lostAtMs = useStore(connection.store, (state) => state.lostAtMs);
  const isUnsaved = useStore(ui, (state) => state.isUnsaved);
  const nowMs = useNow(everReady && lostAtMs !== undefined, QUIET_LOSS_MS / 2);
  const lostForMs = lostAtMs === undefined ? 0 : nowMs - lostAtMs;
  const banner = pickBanner({ status, isUnsaved, everReady, lostForMs });
  if (!banner) return null;
  const { verb } = status;
  return (
    <div
      role={banner.rank === 'degraded' ? 'status' : 'alert'}
      data-testid="banner"
      className="surface-tint fade-in flex min-h-10 shrink-0 items-center gap-2.5 border-b border-line bg-warning-surface px-4 py-1.5"
    >
      <TriangleAlert aria-hidden="true" className="size-4 shrink-0 text-warning" />
      <p className="min-w-0 flex-1">{banner.text}</p>
      {banner.rank !== 'data' && verb && (
        <Button small onClick={() => act(verb)}>
          {t(`status.verb.${verb}`)}
        </Button>
      )}
    </div>
  );
}
