// Starts the desktop side. Read `start()`: the order is the list.
import path from 'node:path';
import { app, nativeTheme, powerMonitor } from 'electron';
import type { KeychainHandover, ThemePreference, WaitingQuestion } from '../contract/desktop.js';
import { decideUserData, resolveAppPaths, type AppPaths } from './app-paths.js';
import { declareAppScheme, serveApp } from './app-protocol/serve-app.js';
import { openDesktopLog, type DesktopLog } from './desktop-log.js';
import { openDesktopState, type DesktopStateFile } from './desktop-state.js';
import { serveRequests } from './ipc/handle.js';
import { pushEvent } from './ipc/push.js';
import { copyAddress, createHandlers, showLogs } from './ipc/register.js';
import { createSafeStorageVault } from './keychain/safe-storage.js';
import { readSystemKey } from './keychain/system-key.js';
import { installAppMenu } from './menu/app-menu.js';
import { childEnv } from './processes/child-env.js';
import { createForkChild } from './processes/child-process.js';
import { runProgram } from './processes/run-program.js';
import { GatewaySupervisor } from './processes/supervisor.js';
import { systemTimers } from './processes/timers.js';
import { QuestionAnnouncer } from './questions/announce-questions.js';
import { installQuit, type Quit } from './quit.js';
import { takeSingleInstanceLock } from './single-instance.js';
import { pinGatewayCertificate } from './tls/pin-gateway.js';
import type { TrayAction } from './tray/build-tray-menu.js';
import { hasTrayHost } from './tray/tray-host.js';
import { startTray } from './tray/tray.js';
import { denyPermissions, lockNavigation } from './window/navigation-lock.js';
import { WindowKeeper } from './window/window-keeper.js';

const APP_ID = 'example.openclaw-hq';

async function start(): Promise<void> {
  // The user folder comes first: the lock lives in it.
  const paths = choosePaths();
  let showWindow = (): void => {};
  if (!takeSingleInstanceLock(() => showWindow())) {
    app.exit(0);
    return;
  }
  const log = openDesktopLog(paths.desktopLogFile);
  const state = openDesktopState(paths.desktopStateFile, log);
  harden(log);
  await app.whenReady();
  denyPermissions();
  serveApp(paths.rendererDir, log);
  nativeTheme.themeSource = state.get().theme ?? 'system';

  const supervisor = createSupervisor(paths, log);
  const onNews = (listener: () => void) => supervisor.status.onChange(listener);
  pinGatewayCertificate({ current: () => supervisor.tlsFingerprint, onNews }, systemTimers);
  void supervisor.start();
  const quit = installQuit({
    activeRuns: () => supervisor.status.get().working,
    showWindow: () => showWindow(),
    drain: () => supervisor.stop(),
    log,
  });
  const hiding = { isPossible: process.platform === 'darwin' };
  const windows = createWindows({ paths, log, state, quit, supervisor, hiding });
  showWindow = () => windows.show();
  serveWindow({ log, state, supervisor, windows });
  supervisor.status.onChange((status) => pushEvent(windows.contents, 'gateway.status', status));
  windows.show();
  startTrayFor({ paths, log, supervisor, windows, hiding });
  installAppMenu({
    command(id) {
      windows.show();
      pushEvent(windows.contents, 'app.command', id);
    },
    showLogFiles: () => showLogs(supervisor, log.file),
  });
  followSystem(windows, quit);
}

function choosePaths(): AppPaths {
  const facts = {
    env: process.env,
    appData: app.getPath('appData'),
    appName: app.name,
    mainDir: import.meta.dirname,
    resourcesDir: app.isPackaged ? process.resourcesPath : path.join(app.getAppPath(), 'resources'),
  };
  app.setPath('userData', decideUserData(facts));
  return resolveAppPaths(facts);
}

function harden(log: DesktopLog): void {
  // root on Linux has to pass --no-sandbox, and the two together end every child at once.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  app.setAppUserModelId(APP_ID);
  declareAppScheme();
  lockNavigation(log);
  process.on('unhandledRejection', (error) => log.error('an unexpected failure', { err: error }));
}

function createSupervisor(paths: AppPaths, log: DesktopLog): GatewaySupervisor {
  // Asked once: a keyring may put a question to the person.
  let handover: Promise<KeychainHandover> | undefined;
  return new GatewaySupervisor({
    fork: createForkChild({ log, timers: systemTimers }),
    entry: paths.gatewayEntry,
    env: childEnv(process.env),
    cwd: app.isPackaged ? app.getPath('home') : process.cwd(),
    keychain: () =>
      (handover ??= readSystemKey(
        paths.keychainKeyFile,
        createSafeStorageVault(process.platform),
        log.child('keychain'),
      )),
    timers: systemTimers,
    log,
  });
}

interface Parts {
  paths: AppPaths;
  log: DesktopLog;
  state: DesktopStateFile;
  quit: Quit;
  supervisor: GatewaySupervisor;
  windows: WindowKeeper;
  /** True where a hidden window can be found again; known once the tray's host was asked for. */
  hiding: { isPossible: boolean };
}

function createWindows({ paths, log, state, quit, supervisor, hiding }: Omit<Parts, 'windows'>): WindowKeeper {
  return new WindowKeeper({
    preload: paths.preload,
    icon: paths.windowIcon,
    state,
    log,
    isDevelopment: !app.isPackaged,
    isLeaving: quit.isLeaving,
    canHide: () => hiding.isPossible,
    onCrashAction: (action) => (action === 'quit' ? app.quit() : showLogs(supervisor, log.file)),
    quit: () => app.quit(),
  });
}

function startTrayFor({ paths, log, supervisor, windows, hiding }: Omit<Parts, 'state' | 'quit'>): void {
  const actions: Record<TrayAction, () => void> = {
    'window.open': () => windows.show(),
    'gateway.start': () => void supervisor.start(),
    'gateway.stop': () => void supervisor.stop(),
    'gateway.restart': () => void supervisor.restart(),
    'gateway.copyAddress': () => copyAddress(supervisor),
    'gateway.showLogs': () => showLogs(supervisor, log.file),
    'app.quit': () => app.quit(),
  };
  const tray = startTray({
    status: supervisor.status,
    trayDir: paths.trayDir,
    platform: process.platform,
    desktop: process.env.XDG_CURRENT_DESKTOP,
    appName: app.name,
    run: (action) => actions[action](),
    toggleWindow: () => windows.toggle(),
    log,
  });
  if (!tray) return;
  void hasTrayHost(process.platform, runProgram).then((hasHost) => (hiding.isPossible ||= hasHost));
}

function serveWindow({
  log,
  state,
  supervisor,
  windows,
}: Pick<Parts, 'log' | 'state' | 'supervisor' | 'windows'>): void {
  const setQuestions = announceQuestions(windows, log);
  const setTheme = themeSetter(state);
  serveRequests(createHandlers({ supervisor, desktopLogFile: log.file, setTheme, setQuestions }), log);
}

/** A click leads to the question: the window comes to the front and goes to its conversation. */
function announceQuestions(windows: WindowKeeper, log: DesktopLog) {
  const announcer = new QuestionAnnouncer({
    isInFront: () => windows.isInFront,
    open(id) {
      windows.show();
      pushEvent(windows.contents, 'app.question', id);
    },
    platform: process.platform,
    timers: systemTimers,
    log: log.child('questions'),
  });
  app.on('will-quit', () => announcer.stop());
  return (questions: readonly WaitingQuestion[]): void => announcer.set(questions);
}

function themeSetter(state: DesktopStateFile) {
  return (theme: ThemePreference): void => {
    nativeTheme.themeSource = theme;
    state.update({ theme });
  };
}

function followSystem(windows: WindowKeeper, quit: Quit): void {
  app.on('activate', () => windows.show());
  app.on('window-all-closed', () => app.quit());
  // A terminal or a session that ends gets no question, but still an orderly stop.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, quit.force);
  powerMonitor.on('shutdown', quit.force);
}

start().catch((error: unknown) => {
  // There may be no log yet: what fails here is shown where the app was started.
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  app.exit(1);
});
