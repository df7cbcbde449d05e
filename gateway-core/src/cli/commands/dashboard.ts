// `openclaw dashboard`: the address of the window, signed in, and a browser on it.
import type { OpenClawConfig } from '../../config/index.js';
import { requireValidConfig } from '../config-gate.js';
import type { CommandContext } from '../context.js';
import { browserCommand } from '../open-browser.js';
import { accepts } from '../port-listeners.js';
import { localPort, resolveLocalTarget } from '../target.js';

export interface DashboardOptions {
  open: boolean;
}

/** "http://127.0.0.1:18789/" with the config's base path; no credentials in it. */
export function dashboardUrl(env: NodeJS.ProcessEnv, config: OpenClawConfig): string {
  const custom = config.gateway?.bind === 'custom' ? config.gateway.customBindHost : undefined;
  const host = custom && custom !== '0.0.0.0' ? custom : '127.0.0.1';
  const basePath = config.gateway?.controlUi?.basePath?.replace(/^\/+|\/+$/g, '') ?? '';
  return `http://${host}:${localPort(env, config)}/${basePath ? `${basePath}/` : ''}`;
}

async function openBrowser(context: CommandContext, url: string): Promise<number> {
  const { host, env } = context;
  const command = browserCommand(host.platform, env, url);
  if (!command) {
    context.out('There is no screen to open a browser on. Use the URL above.');
    return 0;
  }
  const started = await host.launch(command.program, command.args);
  context.out(started ? 'Opened in your browser.' : 'No browser could be started. Use the URL above.');
  return 0;
}

export async function run(context: CommandContext, options: DashboardOptions): Promise<number> {
  const loaded = await requireValidConfig(context);
  if (!loaded) return 1;
  const { config, path, env } = loaded;
  const { token, password } = resolveLocalTarget({ flags: {}, env, config, configPath: path });
  const plain = dashboardUrl(env, config);
  const url = token ? `${plain}#token=${encodeURIComponent(token)}` : plain;
  context.out(`Dashboard URL: ${url}`);
  if (!token && password) context.out('Sign in with the password of the gateway.');
  if (!options.open) {
    context.out('Browser launch disabled (--no-open). Use the URL above.');
    return 0;
  }
  if (!(await accepts(localPort(env, config), new URL(plain).hostname))) {
    context.err(
      'The gateway is not running. Start it with `openclaw gateway`, then run this again. [gateway.unreachable]',
    );
    return 1;
  }
  return openBrowser(context, url);
}
