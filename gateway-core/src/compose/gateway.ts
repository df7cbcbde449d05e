// Starts and stops the gateway: prepare, build the rooms, listen; the same in reverse.
import { defaultAgentId } from '../agents/index.js';
import { StopStack } from '../shared/disposables.js';
import { type Prepared, prepareStart } from './prepare.js';
import { buildRooms, type Rooms } from './rooms.js';
import type { RunningGateway, StartGatewayOptions } from './types.js';

const STOPPING = 'gateway stopping';

/**
 * Starts a gateway and resolves when it listens (spec/gateway-config.md §3).
 * Throws AppError `config.*`, `gateway.*` or `state.*` when it cannot; then nothing stays open.
 */
export async function startGateway(options: StartGatewayOptions): Promise<RunningGateway> {
  const step = options.onStep ?? (() => undefined);
  const prepared = await prepareStart(options);
  const stops = new StopStack();
  stops.push(() => prepared.fileSink.stop());
  stops.push(() => prepared.lock.release());
  try {
    step('Reading sessions');
    const rooms = await buildRooms(options, prepared, stops);
    step('Opening the port');
    const { port, urls } = await rooms.server.listen(rooms.handlers);
    rooms.health.start();
    announce(prepared, urls);
    return running({ prepared, rooms, stops, port, url: urls[0] ?? `ws://${prepared.settings.localHost}:${port}` });
  } catch (error) {
    await stops.stop();
    throw error;
  }
}

function announce({ hub, loaded, logFile }: Prepared, urls: readonly string[]): void {
  const log = hub.logger('gateway');
  log.info(`listening on ${urls.join(', ')} (PID ${process.pid})`, { agent: defaultAgentId(loaded.config) });
  log.info(`log file: ${logFile}`);
}

interface Started {
  prepared: Prepared;
  rooms: Rooms;
  stops: StopStack;
  port: number;
  url: string;
}

function running({ prepared, rooms, stops, port, url }: Started): RunningGateway {
  const { settings, paths, logFile, hub } = prepared;
  let stopping: Promise<void> | undefined;
  const stop = async (reason: string): Promise<void> => {
    hub.logger('gateway').info(`stopping: ${reason}`);
    // Runs end first, so that clients hear how before their sockets close.
    await rooms.runs.stop();
    await rooms.server.stop({ reason, restartExpectedMs: null });
    await stops.stop();
  };
  return {
    url,
    httpUrl: url.replace(/^ws/, 'http'),
    port,
    token: settings.auth.mode === 'token' ? settings.auth.token : undefined,
    password: settings.auth.mode === 'password' ? settings.auth.password : undefined,
    logFile,
    configPath: paths.configPath,
    stateDir: paths.stateDir,
    activeRuns: () => rooms.runs.active(),
    onActivity: (listener) => rooms.runs.onActivity(listener),
    stop: (reason = STOPPING) => (stopping ??= stop(reason)),
  };
}
