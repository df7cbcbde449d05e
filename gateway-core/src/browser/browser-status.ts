// What is known of a profile and its browser without touching a page.
import type { BrowserService } from './browser-service.js';
import { kindOf } from './executables.js';
import type { RunningBrowser } from './messages.js';
import { type BrowserProfile, userDataDir } from './profiles.js';

export interface BrowserStatus {
  enabled: boolean;
  profile: string;
  driver: string;
  transport: 'cdp';
  running: boolean;
  cdpReady: boolean;
  /** True when other programs can reach it at `cdpUrl`. */
  cdpHttp: boolean;
  pid: number | null;
  cdpPort: number;
  cdpUrl: string;
  chosenBrowser: string | null;
  detectedBrowser: string | null;
  detectedExecutablePath: string | null;
  detectError: string | null;
  userDataDir: string | null;
  color: string;
  headless: boolean;
  noSandbox: boolean;
  executablePath: string | null;
  attachOnly: boolean;
}

export interface ProfileFacts {
  name: string;
  driver: string;
  cdpPort: number;
  cdpUrl: string;
  color: string;
  running: boolean;
  tabCount: number;
  isDefault: boolean;
  isRemote: boolean;
}

function live(profile: BrowserProfile, running: readonly RunningBrowser[]): RunningBrowser | undefined {
  return running.find(({ profile: name }) => name === profile.name);
}

/** Says how a profile stands. Throws AppError browser.profile_unknown. */
export async function browserStatus(service: BrowserService, name?: string): Promise<BrowserStatus> {
  const profile = service.profile(name);
  const [running, program] = await Promise.all([service.running(), service.program(profile.executablePath)]);
  const found = live(profile, running);
  const isOwn = profile.kind === 'own';
  return {
    enabled: service.isEnabled,
    profile: profile.name,
    driver: profile.driver,
    transport: 'cdp',
    running: found !== undefined,
    cdpReady: found !== undefined,
    cdpHttp: found !== undefined && (profile.opensPort || !isOwn),
    pid: found?.pid ?? null,
    cdpPort: profile.cdpPort,
    cdpUrl: profile.cdpUrl,
    chosenBrowser: found && program && isOwn ? kindOf(program.path) : null,
    detectedBrowser: program?.kind ?? null,
    detectedExecutablePath: program?.path ?? null,
    detectError: null,
    userDataDir: found && isOwn ? userDataDir(profile, service.host.stateDir) : null,
    color: profile.color,
    headless: profile.headless,
    noSandbox: profile.noSandbox,
    executablePath: profile.executablePath ?? null,
    attachOnly: profile.attachOnly,
  };
}

/** Every profile with what runs of it. */
export async function profileFacts(service: BrowserService): Promise<ProfileFacts[]> {
  const running = await service.running();
  const usual = service.profile(undefined).name;
  return service.profiles().map((profile) => {
    const found = live(profile, running);
    return {
      name: profile.name,
      driver: profile.driver,
      cdpPort: profile.cdpPort,
      cdpUrl: profile.cdpUrl,
      color: profile.color,
      running: found !== undefined,
      tabCount: found?.tabs ?? 0,
      isDefault: profile.name === usual,
      isRemote: profile.kind === 'attach',
    };
  });
}
