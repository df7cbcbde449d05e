// Pure: with which arguments and environment a profile's browser is started.
import type { OpenClawConfig } from '../config/index.js';
import type { LaunchPlan } from './messages.js';
import { type BrowserHost, type BrowserProfile, userDataDir } from './profiles.js';

const DEFAULT_LAUNCH_MS = 45_000;
const DEFAULT_ATTACH_MS = 10_000;

/** Names leave the browser through the proxy only, so it never looks one up; nothing goes past the proxy by UDP. */
const CLOSED_NETWORK = [
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
  '--webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--disable-quic',
];

const QUIET = ['--no-first-run', '--no-default-browser-check', '--disable-background-networking', '--disable-sync'];

/** Arguments of the config that would open what is closed above, or take the folder away. */
const REFUSED_ARG =
  /^--?(proxy-|no-proxy|host-resolver-rules|host-rules|remote-debugging|remote-allow-origins|user-data-dir|disable-web-security|load-extension|enable-quic|(force-)?webrtc-ip)/i;

/** What a browser needs of the environment; the gateway's secrets are not in it. */
const KEPT_ENV =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_.*|TZ|TMPDIR|TEMP|TMP|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|XDG_.*|DBUS_SESSION_BUS_ADDRESS|FONTCONFIG_.*|SystemRoot|SystemDrive|windir|ComSpec|PATHEXT|USERPROFILE|APPDATA|LOCALAPPDATA|PROGRAMDATA|ProgramFiles.*|PROGRAMFILES)$/;

export function browserEnv(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept = Object.entries(env).filter(([name, value]) => value !== undefined && KEPT_ENV.test(name));
  return Object.fromEntries(kept) as Record<string, string>;
}

export function launchArgs(profile: BrowserProfile, extra: readonly string[]): string[] {
  return [
    ...QUIET,
    ...CLOSED_NETWORK,
    ...(profile.opensPort ? [`--remote-debugging-port=${profile.cdpPort}`] : []),
    ...extra.filter((arg) => arg.startsWith('-') && !REFUSED_ARG.test(arg)),
  ];
}

export interface PlanInput {
  profile: BrowserProfile;
  host: BrowserHost;
  config: OpenClawConfig;
  /** Empty for a browser that runs already. */
  executablePath: string;
}

export function launchPlan({ profile, host, config, executablePath }: PlanInput): LaunchPlan {
  const browser = config.browser ?? {};
  const isOwn = profile.kind === 'own';
  return {
    profile: profile.name,
    kind: profile.kind,
    cdpUrl: profile.cdpUrl,
    executablePath,
    userDataDir: userDataDir(profile, host.stateDir),
    headless: profile.headless,
    isSandboxed: !profile.noSandbox,
    args: launchArgs(profile, browser.extraArgs ?? []),
    env: browserEnv(host.env),
    timeoutMs: isOwn
      ? (browser.localLaunchTimeoutMs ?? DEFAULT_LAUNCH_MS)
      : (browser.remoteCdpTimeoutMs ?? DEFAULT_ATTACH_MS),
  };
}
