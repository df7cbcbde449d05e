// Opens the gateway through Tailscale once its port is open, and takes that back when it should not stay.
import type { OpenClawConfig } from '../config/index.js';
import { type GatewayServer, type ServeStatus, startTailscaleServe, type TailscaleServe } from '../server/index.js';
import type { Base } from './base.js';
import { tailscaleProgram } from './server.js';
import type { GatewayFlags } from './types.js';

export interface Exposure {
  /** Undefined while gateway.tailscale.mode is off. */
  status(): ServeStatus | undefined;
  /** Does nothing while the mode is off. */
  start(port: number): void;
}

/** The mode that the next start would have. */
export function nextMode(flags: GatewayFlags | undefined, config: OpenClawConfig): string {
  return flags?.tailscale ?? config.gateway?.tailscale?.mode ?? 'off';
}

export function createExposure(base: Base, server: Pick<GatewayServer, 'allowOrigin'>): Exposure {
  const { settings, options, owner, stops, clock, hub, tls } = base;
  const { mode, resetOnExit } = settings.tailscale;
  let serve: TailscaleServe | undefined;
  return {
    status: () => serve?.status() ?? (mode === 'off' ? undefined : { mode, state: 'starting' }),
    start(port) {
      if (mode === 'off') return;
      serve = startTailscaleServe({
        mode,
        target: { host: settings.localHost, port, tls: tls !== undefined },
        basePath: settings.controlUi.basePath,
        program: tailscaleProgram(base),
        clock,
        log: hub.logger('gateway/tailscale'),
        onOpen: (origin) => server.allowOrigin(origin),
      });
      // Who switches it off means it, also without resetOnExit: a gateway left open to the internet would be a surprise.
      const undo = () => resetOnExit || nextMode(options.flags, owner.current().config) !== mode;
      stops.push(() => serve?.stop({ undo: undo() }));
    },
  };
}
