// Pure: the environment of a command: what a shell needs, and none of the gateway's own secrets.

// Names that come from the gateway's own environment.
const KEPT = new Set([
  ...[
    'PATH',
    'HOME',
    'USER',
    'LOGNAME',
    'SHELL',
    'LANG',
    'LANGUAGE',
    'TERM',
    'COLORTERM',
    'TZ',
    'TMPDIR',
    'TMP',
    'TEMP',
  ],
  ...[
    'DISPLAY',
    'WAYLAND_DISPLAY',
    'XAUTHORITY',
    'DBUS_SESSION_BUS_ADDRESS',
    'SSH_AUTH_SOCK',
    'EDITOR',
    'VISUAL',
    'PAGER',
  ],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS'],
  ...['SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'COMSPEC', 'PATHEXT', 'USERPROFILE', 'USERNAME', 'HOMEDRIVE', 'HOMEPATH'],
  ...['APPDATA', 'LOCALAPPDATA', 'PROGRAMDATA', 'PROGRAMFILES', 'PROGRAMFILES(X86)', 'COMMONPROGRAMFILES', 'OS'],
  ...['PROCESSOR_ARCHITECTURE', 'NUMBER_OF_PROCESSORS', 'PSMODULEPATH'],
]);
const KEPT_FAMILY = /^(LC_[A-Z]+|XDG_[A-Z_]+)$/;
const SECRET_NAME = /(TOKEN|PASSWORD|PASSWD|PASSPHRASE|SECRET|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIALS?|AUTH)$/;
// They change which program or library runs under a name.
const REFUSED = /^(PATH|LD_.*|DYLD_.*|BASH_ENV|ENV|IFS|SHELLOPTS|BASHOPTS|PS4|PROMPT_COMMAND|GCONV_PATH|OPENCLAW_.*)$/;

/** True for a variable that nobody may set for a single command. */
export function isRefusedVariable(name: string): boolean {
  return REFUSED.test(name.toUpperCase());
}

export interface EnvironmentParts {
  /** The gateway's own. */
  base: Readonly<Record<string, string | undefined>>;
  /** The config's `env`: what looks like a secret is for the gateway, not for commands. */
  config?: Readonly<Record<string, string>>;
  /** Folders in front of the search path. */
  pathPrepend?: readonly string[];
  /** For this command. */
  added?: Readonly<Record<string, string>>;
  /** Between folders of the search path. */
  delimiter: string;
}

/** The whole environment of a command on the host. */
export function cleanEnvironment({ base, config = {}, pathPrepend = [], added, delimiter }: EnvironmentParts) {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(base)) {
    const upper = name.toUpperCase();
    if (value !== undefined && (KEPT.has(upper) || KEPT_FAMILY.test(upper))) env[name] = value;
  }
  for (const [name, value] of Object.entries(config)) {
    if (!SECRET_NAME.test(name.toUpperCase()) && !isRefusedVariable(name)) env[name] = value;
  }
  const pathName = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  const folders = [...pathPrepend, env[pathName] ?? '/usr/local/bin:/usr/bin:/bin'];
  return { TERM: 'xterm-256color', ...env, [pathName]: folders.join(delimiter), ...added };
}
