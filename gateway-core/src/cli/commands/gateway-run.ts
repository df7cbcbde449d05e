// `openclaw gateway [run]`: the gateway in this terminal, until it is told to stop.
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { RunningGateway, StartGatewayOptions } from '../../compose/types.js';
import { AppError } from '../../shared/app-error.js';
import { type CommandContext, createContext } from '../context.js';
import { consoleSink } from '../console-sink.js';
import type { StopSignal } from '../host.js';
import { freePort } from '../force-port.js';
import { checkRunFlags, type GatewayRunFlags, ignoredFlags, toGatewayFlags } from './gateway-run-flags.js';
import { resetDevProfile } from '../reset-dev.js';
import { configuredPort, startFailureLines } from '../start-failure.js';

export interface GatewayRunOptions extends GatewayRunFlags {
  force?: boolean;
  reset?: boolean;
  dev?: boolean;
}

/** A stop that takes longer than this is cut off. */
const STOP_LIMIT_MS = 25_000;
/** Exit code of a program that Ctrl+C ended. */
const INTERRUPTED = 130;

function builtFolder(distDir: string | undefined, name: string): string | undefined {
  const folder = distDir && path.join(distDir, name);
  return folder && existsSync(folder) ? folder : undefined;
}

/** What a person needs to know once the gateway runs. */
export function startedLines(gateway: Pick<RunningGateway, 'url' | 'httpUrl' | 'logFile'>, profile?: string): string[] {
  const program = profile ? `openclaw --profile ${profile}` : 'openclaw';
  return [
    'OpenClaw gateway is running.',
    `  Address  ${gateway.url}`,
    `  Open     run \`${program} dashboard\`, or go to ${gateway.httpUrl} and sign in with your token`,
    `  Log      ${gateway.logFile}`,
    '  Stop     press Ctrl+C',
  ];
}

interface StopRequest {
  asked: Promise<StopSignal>;
  ignore(): void;
}

// Listens from the first moment, so that Ctrl+C while starting still ends in an orderly stop.
function listenForStop(context: CommandContext): StopRequest {
  const { host } = context;
  let ignore = (): void => undefined;
  const asked = new Promise<StopSignal>((resolve) => {
    let first = true;
    ignore = host.onStopSignal((signal) => {
      if (!first) return host.exitNow(INTERRUPTED);
      first = false;
      if (host.stdout.isTTY) context.out(`Stopping (${signal}). Press Ctrl+C again to stop at once.`);
      resolve(signal);
    });
  });
  return { asked, ignore };
}

interface RestartRequests {
  /** From here on each request restarts this gateway, also one that came before. */
  serve(gateway: Pick<RunningGateway, 'restart'>): void;
  ignore(): void;
}

// Listens from the first moment too: Node answers this signal with an open debugger when nobody listens.
function listenForRestart(context: CommandContext): RestartRequests {
  let isWanted = false;
  let restart = (): void => void (isWanted = true);
  const ignore = context.host.onRestartSignal?.(() => restart()) ?? (() => undefined);
  return {
    serve(gateway) {
      restart = () => void gateway.restart('SIGUSR1');
      if (isWanted) restart();
    },
    ignore,
  };
}

async function stopGateway(context: CommandContext, gateway: RunningGateway): Promise<void> {
  const limit = setTimeout(() => context.host.exitNow(1), STOP_LIMIT_MS);
  try {
    await gateway.stop('gateway stopping');
  } finally {
    clearTimeout(limit);
  }
}

async function startOptions(context: CommandContext, options: GatewayRunOptions): Promise<StartGatewayOptions> {
  const flags = await toGatewayFlags(context, options);
  return {
    env: context.env,
    cwd: context.host.cwd,
    flags,
    rendererDir: builtFolder(context.host.distDir, 'renderer'),
    docsDir: builtFolder(context.host.distDir, 'docs'),
    skillsDir: builtFolder(context.host.distDir, 'skills'),
    console: consoleSink(context, flags.logLevel),
    onStep: options.verbose ? (step) => context.out(step) : undefined,
  };
}

async function prepare(context: CommandContext, options: GatewayRunOptions): Promise<void> {
  checkRunFlags(options);
  for (const flag of ignoredFlags(options)) context.err(`${flag} has no effect in this version.`);
  if (options.reset) {
    if (!context.globals.dev) throw new AppError('gateway.flag_invalid', { message: 'Use --reset with --dev.' });
    await resetDevProfile(context);
  }
  if (options.force) {
    const port = options.port === undefined ? await configuredPort(context) : Number(options.port);
    await freePort(port, context.host.platform, context.out);
  }
}

/** Starts a gateway with `startGateway` and resolves with the exit code when a signal has stopped it. */
export async function runGateway(
  given: CommandContext,
  options: GatewayRunOptions,
  startGateway: (options: StartGatewayOptions) => Promise<RunningGateway>,
): Promise<number> {
  // `gateway --dev` means the dev profile too, whichever side of the command the flag is on.
  const context = options.dev ? createContext(given.host, { ...given.globals, dev: true }) : given;
  const stop = listenForStop(context);
  const restarts = listenForRestart(context);
  try {
    await prepare(context, options);
    const gateway = await startGateway(await startOptions(context, options));
    for (const line of startedLines(gateway, context.paths.profile)) context.out(line);
    gateway.onRestarted(() => context.out(`The gateway restarted: ${gateway.url}`));
    restarts.serve(gateway);
    const lost = new Promise<never>((_resolve, reject) => gateway.onFailed(reject));
    await Promise.race([stop.asked, lost]);
    await stopGateway(context, gateway);
    return 0;
  } catch (error) {
    for (const line of await startFailureLines(context, options.port, error)) context.err(line);
    return 1;
  } finally {
    stop.ignore();
    restarts.ignore();
  }
}

export function run(context: CommandContext, options: GatewayRunOptions): Promise<number> {
  // Loaded late: a wrong flag must not cost the time of loading the gateway.
  return runGateway(context, options, async (settings) =>
    (await import('../../compose/gateway.js')).startGateway(settings),
  );
}
