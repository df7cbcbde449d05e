// Pure: the environment of a command-line program: enough to find its files and the network, no secret of the gateway.

const KEPT = new Set([
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LANGUAGE', 'TZ', 'TMPDIR', 'TMP', 'TEMP'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS'],
  // A program may keep its sign-in in the keyring of the session.
  ...['DBUS_SESSION_BUS_ADDRESS', 'CLAUDE_CONFIG_DIR', 'CODEX_HOME'],
  ...['SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'COMSPEC', 'PATHEXT', 'USERPROFILE', 'USERNAME', 'HOMEDRIVE', 'HOMEPATH'],
  ...['APPDATA', 'LOCALAPPDATA', 'PROGRAMDATA', 'PROGRAMFILES', 'PROGRAMFILES(X86)', 'COMMONPROGRAMFILES', 'OS'],
]);
const KEPT_FAMILY = /^(LC_[A-Z]+|XDG_[A-Z_]+)$/;

export interface CliEnvironmentParts {
  /** The gateway's own. */
  base: Readonly<Record<string, string | undefined>>;
  /** The backend's `env`. */
  added: Readonly<Record<string, string>>;
  /** The backend's `clearEnv`; it has the last word. */
  cleared: readonly string[];
}

/** The whole environment of the program. */
export function cliEnvironment({ base, added, cleared }: CliEnvironmentParts): Record<string, string> {
  const env: Record<string, string> = { NO_COLOR: '1' };
  for (const [name, value] of Object.entries(base)) {
    const upper = name.toUpperCase();
    if (value !== undefined && (KEPT.has(upper) || KEPT_FAMILY.test(upper))) env[name] = value;
  }
  Object.assign(env, added);
  for (const name of cleared) delete env[name];
  return env;
}
