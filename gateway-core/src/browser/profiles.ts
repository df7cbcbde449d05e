// Pure: what `browser.*` in the config says about profiles, with defaults (spec/gateway-config.md §1 for the ports).
import path from 'node:path';
import type { OpenClawConfig } from '../config/index.js';
import { AppError } from '../shared/app-error.js';

export interface BrowserProfile {
  name: string;
  /** own: started by us, in a folder of its own. attach: runs already, answers at `cdpUrl`. */
  kind: 'own' | 'attach';
  driver: string;
  cdpPort: number;
  cdpUrl: string;
  /** True when the browser opens `cdpPort` for other programs; only where the config names the port. */
  opensPort: boolean;
  userDataDir: string | undefined;
  executablePath: string | undefined;
  headless: boolean;
  noSandbox: boolean;
  attachOnly: boolean;
  color: string;
}

/** Facts about the computer. */
export interface BrowserHost {
  stateDir: string;
  /** The gateway's. */
  port: number;
  platform: NodeJS.Platform;
  env: Readonly<Record<string, string | undefined>>;
  /** True when the gateway runs as root. */
  isRoot: boolean;
}

export const OWN_PROFILE = 'openclaw';
const COLOR = '#FF4500';
/** The ports of profiles begin so far above the gateway's. */
const CDP_OFFSET = 11;
const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/i;

type BrowserConfig = NonNullable<OpenClawConfig['browser']>;
type ProfileConfig = NonNullable<BrowserConfig['profiles']>[string];

/** True when windows can be shown. */
export function hasDisplay({ platform, env }: Pick<BrowserHost, 'platform' | 'env'>): boolean {
  if (platform === 'win32' || platform === 'darwin') return true;
  return Boolean(env.DISPLAY ?? env.WAYLAND_DISPLAY);
}

function entries(config: BrowserConfig): Array<[string, ProfileConfig]> {
  const named = Object.entries(config.profiles ?? {}).filter(([name]) => NAME.test(name));
  return named.some(([name]) => name === OWN_PROFILE) ? named : [[OWN_PROFILE, {}], ...named];
}

function build(
  config: BrowserConfig,
  host: BrowserHost,
  index: number,
  entry: [string, ProfileConfig],
): BrowserProfile {
  const [name, own] = entry;
  const remote = own.cdpUrl ?? (name === OWN_PROFILE ? config.cdpUrl : undefined);
  const cdpPort = own.cdpPort ?? (config.cdpPortRangeStart ?? host.port + CDP_OFFSET) + index;
  const attachOnly = own.attachOnly ?? config.attachOnly ?? false;
  return {
    name,
    kind: remote !== undefined || attachOnly ? 'attach' : 'own',
    driver: own.driver ?? OWN_PROFILE,
    cdpPort,
    cdpUrl: remote ?? `http://127.0.0.1:${cdpPort}`,
    opensPort: own.cdpPort !== undefined,
    userDataDir: own.userDataDir,
    executablePath: own.executablePath ?? config.executablePath,
    headless: own.headless ?? config.headless ?? !hasDisplay(host),
    noSandbox: config.noSandbox ?? (host.platform === 'linux' && host.isRoot),
    attachOnly,
    color: own.color ?? config.color ?? COLOR,
  };
}

/** Every profile; `openclaw` is always among them. */
export function listProfiles(config: OpenClawConfig, host: BrowserHost): BrowserProfile[] {
  const browser = config.browser ?? {};
  return entries(browser).map((entry, index) => build(browser, host, index, entry));
}

/** Where a profile's browser keeps cookies and all. */
export function userDataDir(profile: BrowserProfile, stateDir: string): string {
  return profile.userDataDir ?? path.join(stateDir, 'browser', profile.name, 'user-data');
}

/** The named profile; unnamed the one of the agent, else the default. Throws AppError browser.profile_unknown. */
export function chooseProfile(
  config: OpenClawConfig,
  host: BrowserHost,
  choice: { name?: string; agentId?: string },
): BrowserProfile {
  const profiles = listProfiles(config, host);
  const find = (name: string | undefined) => profiles.find((profile) => profile.name === name);
  const chosen =
    choice.name === undefined
      ? (find(choice.agentId) ?? find(config.browser?.defaultProfile ?? OWN_PROFILE))
      : find(choice.name);
  if (chosen) return chosen;
  const name = choice.name ?? config.browser?.defaultProfile ?? OWN_PROFILE;
  throw new AppError('browser.profile_unknown', {
    message: `There is no browser profile ${JSON.stringify(name.slice(0, 64))}.`,
    hint: `There are: ${profiles.map((profile) => profile.name).join(', ')}. Others are added in browser.profiles.`,
  });
}

/** A profile with the name of an agent is that agent's own. Throws AppError browser.profile_refused. */
export function assertMayUse(profile: BrowserProfile, agentId: string, agentIds: readonly string[]): void {
  if (profile.name === agentId || !agentIds.includes(profile.name)) return;
  throw new AppError('browser.profile_refused', {
    message: `The browser profile ${profile.name} belongs to another agent.`,
  });
}
